"""VectorDBBench's own command line, with one default of its Chroma client mended.

In 2.0.0 the host of an index's settings is a plain text where its type says that it is a secret, on
which every run against Chroma ends before it begins.
"""

from pydantic import SecretStr
from vectordb_bench.backend.clients.chroma.config import ChromaIndexConfig
from vectordb_bench.cli.vectordbbench import cli

if __name__ == "__main__":
    ChromaIndexConfig.model_fields["host"].default = SecretStr("localhost")
    ChromaIndexConfig.model_rebuild(force=True)
    cli()
