#!/bin/sh
# Temporal's two databases exist and have the schema of this image's version; again and again.
set -eu
for database in temporal temporal_visibility; do
    case $database in
        temporal) versions=temporal ;;
        *) versions=visibility ;;
    esac
    tool() {
        temporal-sql-tool --plugin postgres12 --ep postgres --port 5432 --user temporal --database "$database" "$@"
    }
    tool create
    tool setup-schema --version 0.0
    tool update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/$versions/versioned"
done
