/** What `loadgen new` writes when there is nothing to start from: it runs as it is. */
export const FIRST_SCENARIO = `# A first scenario. It runs as it is, against a small server that loadgen brings along:
#
#   loadgen validate FILE      every problem at once, with its line
#   loadgen plan FILE          what it would do
#   loadgen run FILE           runs it and writes a result folder
#
# docs/scenario.md lists all keys.
version: 1

# Decides the plan and the order of data: one seed, one run.
seed: 1

# Servers by name. Where the url is empty, \`server\` is started and stopped again. Your own:
#   API_URL=http://HOST:PORT loadgen run FILE     or     --target api=http://HOST:PORT
targets:
  api: { driver: http, url: '\${API_URL:-}', server: reference, timeout: 5s }

# Rows, one for each iteration: {{ texts.line }} and the like read them. Or of a file, a row a line:
#   texts: { file: texts.txt, pick: shuffle }
data:
  texts:
    inline:
      - { line: 'hello world' }
      - { line: 'naïve café 東京' }

# What one iteration does, in this order.
steps:
  - name: echo
    request:
      method: POST
      path: /echo
      json: { text: '{{ texts.line }}', id: '{{ iteration.uuid }}' }
    # All must hold, or the request counts as failed.
    expect:
      - status == 200
      - json.method == 'POST'

# How iterations start. Here at a fixed rate, whatever the server does: response times count from
# the planned start. Virtual users that wait for each answer instead:
#   { executor: constant-vus, vus: 4, duration: 10s }
load:
  executor: constant-arrival-rate
  rate: 20/s
  duration: 10s
  arrival: poisson

# What must hold, or the exit code is 99. p(95) needs 130 answers to mean anything; these are 200.
thresholds:
  - error_rate == 0%
  - response_time p(95) < 200ms
`;
