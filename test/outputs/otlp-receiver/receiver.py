"""A collector made of the OpenTelemetry protocol library, for tests.

Reads ExportMetricsServiceRequest in OTLP's JSON encoding with protobuf's own strict JSON reader:
names, types and enums that the protocol does not have are an error. What it understood it prints as
a JSON line, read back from the message and not from the text.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)


def attributes(pairs):
    return {pair.key: pair.value.string_value for pair in pairs}


def points(metric):
    kind = metric.WhichOneof("data")
    data = getattr(metric, kind)
    for point in data.data_points:
        entry = {
            "metric": metric.name,
            "unit": metric.unit,
            "kind": kind,
            "attributes": attributes(point.attributes),
            "startNs": point.start_time_unix_nano,
            "timeNs": point.time_unix_nano,
        }
        if kind == "histogram":
            entry["temporality"] = data.aggregation_temporality
            entry["count"] = point.count
            entry["sum"] = point.sum
            entry["buckets"] = list(point.bucket_counts)
            entry["bounds"] = list(point.explicit_bounds)
        else:
            entry["value"] = getattr(point, point.WhichOneof("value"))
        if kind == "sum":
            entry["temporality"] = data.aggregation_temporality
            entry["monotonic"] = data.is_monotonic
        yield entry


class Collector(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            request = json_format.Parse(body, ExportMetricsServiceRequest())
        except json_format.ParseError as error:
            print(json.dumps({"error": str(error)}), flush=True)
            self.send_error(400)
            return
        for resource in request.resource_metrics:
            about = attributes(resource.resource.attributes)
            for scope in resource.scope_metrics:
                found = [point for metric in scope.metrics for point in points(metric)]
                line = {"path": self.path, "resource": about, "points": found}
                line["token"] = self.headers.get("x-token")
                print(json.dumps(line), flush=True)
        answer = json_format.MessageToJson(ExportMetricsServiceResponse()).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
print(json.dumps({"port": server.server_address[1]}), flush=True)
sys.stdout.flush()
server.serve_forever()
