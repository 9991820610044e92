"""The service of test/fixtures/grpc/faults.proto with gRPC's own library for Python, and reflection.

    python server.py [--cert FILE --key FILE [--client-ca FILE]]

A server that shares no code with loadgen: gRPC's core in C. It prints the port that it listens on.
"""

import argparse
import time
from concurrent import futures
from pathlib import Path

import grpc
from grpc_reflection.v1alpha import reflection

# Proto files are found from where Python looks for modules.
PROTO = "faults.proto"
messages, services = grpc.protos_and_services(PROTO)


class Faults(services.FaultsServicer):
    """What fails here fails with the code that `fault` names."""

    def Call(self, request, context):
        time.sleep(request.delay_ms / 1000)
        if request.fault:
            context.set_trailing_metadata((("x-after", "it"),))
            context.abort(grpc.StatusCode[request.fault], "told so – 本")
        return reply(request, 1)

    def Stream(self, request, context):
        for number in range(1, request.count + 1):
            time.sleep(request.delay_ms / 1000)
            yield reply(request, number)

    def Collect(self, requests, context):
        texts = [request.text for request in requests]
        return messages.Reply(text=" ".join(texts), number=len(texts))

    def Chat(self, requests, context):
        for number, request in enumerate(requests, 1):
            yield reply(request, number)


def reply(request, number):
    return messages.Reply(text=request.text, number=number, padding=b"p" * request.bytes)


def credentials(options):
    authority = Path(options.client_ca).read_bytes() if options.client_ca else None
    pair = (Path(options.key).read_bytes(), Path(options.cert).read_bytes())
    return grpc.ssl_server_credentials([pair], authority, authority is not None)


def main():
    parser = argparse.ArgumentParser()
    for name in ("--cert", "--key", "--client-ca"):
        parser.add_argument(name)
    options = parser.parse_args()
    server = grpc.server(
        futures.ThreadPoolExecutor(8),
        compression=grpc.Compression.Gzip,
        options=[("grpc.max_receive_message_length", 64 * 1024 * 1024)],
    )
    services.add_FaultsServicer_to_server(Faults(), server)
    names = (messages.DESCRIPTOR.services_by_name["Faults"].full_name, reflection.SERVICE_NAME)
    reflection.enable_server_reflection(names, server)
    address = "127.0.0.1:0"
    if options.cert:
        port = server.add_secure_port(address, credentials(options))
    else:
        port = server.add_insecure_port(address)
    server.start()
    print(port, flush=True)
    server.wait_for_termination()


main()
