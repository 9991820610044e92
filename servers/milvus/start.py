"""Starts Milvus on exactly the port that it was given: start.py DATA_FOLDER PORT

The package tries each port before Milvus takes it, and where it cannot have one it goes on to the
next and says nothing. It cannot have one either whose earlier connections are still closing, as
after a server that was stopped a moment ago; Milvus itself could.
"""

import socket
import sys

from milvus import MilvusServerConfig, default_server, main


def try_bind_port(_config, port):
    probe = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("127.0.0.1", port))
        probe.listen()
        return probe
    except OSError:
        probe.close()
        return None


data, port = sys.argv[1:]
MilvusServerConfig.try_bind_port = try_bind_port
# Of a port that it was given this way it says that it cannot have it.
default_server.config.update(proxy_port=int(port))
sys.argv = ["milvus-server", "--data", data, "--proxy-port", port]
main()
