#!/bin/sh
# The namespace exists, keeps ended chapters for 90 days and has our search attributes; again and again.
# TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE say where.
set -eu
until temporal operator cluster health >/dev/null 2>&1; do sleep 1; done
# Named each time: `create` does not look at TEMPORAL_NAMESPACE.
temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 90d
# A new namespace is known to the whole engine only after a while.
until temporal operator search-attribute list >/dev/null 2>&1; do sleep 1; done
temporal operator namespace update --namespace "$TEMPORAL_NAMESPACE" --retention 90d
present=$(temporal operator search-attribute list)
for attribute in \
    KhProgramme=Keyword KhProvince=Keyword KhStage=Keyword KhAgent=Keyword KhWaitingOn=Keyword \
    KhEscalated=Int KhNextDue=Datetime; do
    name=${attribute%=*}
    echo "$present" | grep -qw "$name" ||
        temporal operator search-attribute create --name "$name" --type "${attribute#*=}"
done
