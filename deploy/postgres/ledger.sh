#!/bin/sh
# The ledger's database and its owner are there. Again, only the owner's password changes.
set -eu

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --set password="$LEDGER_OWNER_PASSWORD" --dbname postgres <<'SQL'
SELECT 'CREATE ROLE khoosheh_owner LOGIN CREATEROLE'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'khoosheh_owner') \gexec
ALTER ROLE khoosheh_owner PASSWORD :'password';
SELECT 'CREATE DATABASE khoosheh OWNER khoosheh_owner'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'khoosheh') \gexec
SQL
