/** What `docs/scenario.md` says beside the tables that come out of the schemas. */

export const INTRODUCTION = `# The scenario language

A scenario is one YAML file: which servers (\`targets\`), with which data (\`data\`), do what in one
iteration (\`steps\`), how many iterations start and when (\`load\`), and what must hold
(\`thresholds\`). \`loadgen validate FILE\` reports everything that is wrong with it, each problem with
its line; \`loadgen plan FILE\` says what it would do.

The first line lets editors complete and check while you type. A whole scenario:`;

export const VALUES = `## How values are written

- **Units are always written**: durations \`250ms\`, \`10s\`, \`1m30s\`; rates \`200/s\`, \`6000/min\`; shares
  \`0.1%\`; sizes \`64KiB\`.
- **Names** of targets, feeders, steps and params are letters, digits and \`_\`, so that expressions can
  read them. Files are relative to the scenario file.
- **\`\${NAME}\`** is the environment, \`\${NAME:-default}\` where it may be missing or empty, \`$\${\` a
  literal \`\${\`. It is replaced in values only, never in keys or structure. Where a number or true or
  false is expected the text is read as one. Values that came from the environment into a url, headers,
  metadata or tls are shown as \`***\` in results and messages.
- **\`{{ CEL }}\`** stands in any value; a value that is one \`{{ }}\` and nothing else keeps the type of
  what it gives. Quote every value that holds one: to YAML a bare \`{{\` begins a map. Expressions read
  \`params\`, \`<feeder>.<field>\`, \`steps.<step>.<extracted>\`, \`vu.id\`, \`iteration.id\` and
  \`iteration.uuid\`. What reads only \`params\` is filled in before anything is checked, so a param can
  stand for a number or a duration.
- **CEL without braces** is what \`expect\`, \`extract\` and \`items\` take; there the fields of the answer
  can be read too. [CEL](https://cel.dev) has no clock and no randomness: chance comes from \`data\`, by
  the seed.
- YAML 1.2. A file has at most 1 MiB and 100,000 values; an alias counts as what it stands for.

Keys in **bold** are needed.`;

export const TARGETS = `Each target is a server and the driver that speaks to it. With an empty \`url\` (or one that an unset
variable left empty) the recipe named by \`server\` is started before the run and stopped after it.
\`--target NAME=URL\` sets the url from the command line.`;

export const MONITOR = `\`monitor: { stats: 1s, prometheus: /metrics, process: true }\` looks at the server while it is under load,
from loadgen’s main thread, one look at a time: \`stats\` by what the driver knows to ask, \`prometheus\` at a
page in that text format (a path on the target, or a URL), \`process\` at CPU and memory of the processes of a
server that loadgen started, and at the disk that its data takes (\`server_disk\`: allocated blocks, as \`du\`
counts them, where its recipe gives it a folder for that). All of it is \`server_…\` with the tag \`target\`
and the page’s own labels; a counter is what it grew by, a gauge its levels, buckets are left out, and at
most 200 series a source are kept. Values stay in the server’s own units. What is on a page is not known
before it is read: a threshold on a name that never shows up has no data. Looks that fail are counted and
told; of several shards only the first looks. What counters grew by is told apart at T0 to about the time of
one look.

Of a server with \`process: true\` on which \`prepare\` makes collections and fills them (\`create\`, \`ingest\`), the
result also says under \`storage\` how many rows there were when the load began and at its end, and which
memory and disk the server had before, then, at the end and at most. **Per million rows** is what it grew by
from before \`prepare\` to the beginning of the load, divided by the rows there then, times 1,000,000: an
index with all that the server keeps around it. Of few rows that is mostly fixed costs, such as logs that are
allocated ahead, and memory that is taken in large pieces; the summary says from how many rows it comes.
Rows are those whose adding was acknowledged less those whose deletion was. Where that does not tell how
many there are, none are named, and nothing per million: a filter deleted, ids came more than once (of a
feeder that began anew; \`pick: once\` never does), something else filled the collection. Trials that share
what was prepared have the same figures of it; on a server that an earlier trial had used there are none per
million, since what others took may not have been given back.`;

export const DATA = `Feeders by name. A feeder advances once per iteration, whatever reads it, and the row is a function of
seed, feeder and iteration number: the same for any number of workers. Exactly one of \`file\`, \`files\`,
\`inline\` and \`generate\`.

CSV (RFC 4180) begins with a record of column names. A column is of numbers where all its values are,
none of them in quotes; every other is of texts. Each line of JSONL is an object. Of parquet, integers
that a number holds exactly are numbers, and points in time are texts. Broken rows are found before a
run starts. Files of text are kept in memory as they are, so that any row is at hand; of parquet, the
rows in use.`;

export const STEPS = `One iteration is one pass over the steps. A step has a name, a target, keys that every step can have,
and exactly one verb of its target’s driver.`;

export const SCORE = `\`score\` says how good answers are, beside how fast they came: of answers that are ok, in a thread of its
own. What does not fit into the memory between, or cannot be compared, is \`unscored{reason}\`, and told.

- \`recall@K\`, of answers with \`ids\`; the expression gives \`{ ids, distances }\`, as the field \`truth\` of a row
  does. The first K ids, duplicates removed, that are as near as the K-th nearest row, within the rounding
  of floats where the truth says it; of min(K, rows that satisfy the filter). \`recall_ids@K\` asks for the very
  ids and needs no distances. Beside them \`short_answers@K\`, \`duplicate_ids@K\`, and while rows are written
  \`deleted_ids@K\`: ids whose row was gone before the search was sent. While rows are written, both are over the
  K nearest of the rows that were there, by what was acknowledged before the search was sent. A row that was being
  written or deleted meanwhile is right either way: one that the answer has stands for the row that it pushes out,
  and one that it has not is not missed.
- \`wer\`, of answers with \`text\`: words wrong, missing and too many (Levenshtein), per word of the reference. Words
  are compared in lower case and NFKC, without punctuation but apostrophes within them. \`wer avg\` is the mean
  over answers, \`word_errors share\` all errors per all words.
- \`tolerance\`, of answers with \`outputs\`: the largest \`absolute_error\` and \`relative_error\` of their numbers
  against those expected, \`{ output: numbers }\` or numbers; another number of them is counted in \`wrong_shapes\`.

They are metrics like any other: \`recall@10 avg >= 0.95\`, \`recall@10 p(5) >= 0.8\`, \`wer avg < 12%\`. The summary
names the iterations of the worst answers. With \`{ of: queries.truth, target: 0.9 }\` answers that are worse than 0.9
are counted too: \`below_target share < 5%\`.

What was asked for is what is measured: \`create\` asks the server for the index that it made. Where it says another
setting than the scenario does, the step fails with both values; what it says stands in the summary, in
\`result.json\` and in \`kept\`.

Two more things end a run with an error (exit code 90), since figures of such a run mean something else than they say:

- EXACT_INDEX_WRONG: a recall below 1 where the index is exact, which is where \`prepare\` makes a flat one and loadgen
  found the truth itself, or where the step says \`exact: true\`. The message says what the answer looks like: ids shifted,
  none of them known, rows missing, another metric.
- SETTING_WITHOUT_EFFECT: in a sweep over \`ef\` or \`nprobe\` all queries that both trials have (20 at least) were answered
  with the same ids, in the same order, at the lowest and at the highest value, with a mean recall below 0.999.`;

export const BUILT_IN = `Three verbs need no target; the steps inside of \`group\` and \`oneOf\` are steps like any other.
Draws are a function of seed and iteration, equal for any number of workers. A step that was skipped or
failed has extracted nothing: one that reads it ends the iteration, unless its \`when\` keeps it from
running.`;

export const THINK = `\`- { name: pause, think: 500ms }\` among the steps waits and sends nothing. The step after it is intended
when the wait is over, counted from the answer before it (from the iteration’s intended start, where
it stands first), so that no response time holds it; \`iteration_response_time\` does. At the end of the
steps it delays the next iteration of a VU, after a failed one too; it is in no time then, and frees
the place of an arrival at once. What is drawn depends on the seed and on the iteration, and not on the
worker that runs it.`;

export const LOAD = `How iterations start. Virtual users (\`vus\`) start the next iteration when the last one ended, so a slow
server is asked less: their figures say nothing about waiting at a fixed rate of arrivals. Executors
with a \`rate\` follow a plan whatever the server does, and response times count from the planned start.
An override that names an \`executor\` replaces the whole block.`;

export const STAGES = `A stage is \`{ to, duration, name }\`: \`to\` is what it ends with, a rate (\`200/s\`) or a number of VUs,
which it reaches in a straight line; with \`duration: 0s\` it is a jump. As many arrivals are planned, and
as much VU-time, as there is area under the line: VU k (from 1) runs while the line is above k − ½, the
same instants for any number of workers and shards.`;

export const TRACE = `\`trace: { data: azure, at: TIMESTAMP, session: user, speed: 4, keep: 50% }\` replays recorded arrivals. The
feeder \`data\` (\`pick: sequential\`, \`batch: 1\`) has a row for each, in order; \`at\` is the field with its
time: a number of seconds, a duration, or a date with its time to the nanosecond. Only differences
count. Iteration i reads row i of every feeder. \`speed: 4\` runs four times as fast (with
\`speed: 1000\` numbers are milliseconds). \`keep\` thins sessions and not points: all rows with one value
in the field \`session\` are kept or left out together, as the seed decides; without \`session\` each row
is one of its own. What is kept at 25% is kept at 50% too, and keeps its times and rows. The load ends a mean
gap after the last row of the trace, whatever is kept.`;

export const WARMUP = `\`warmup\` is load before the measured phase, recorded apart. It takes the keys of the load unless it
gives its own, needs an end of its own (\`duration\`, \`iterations\`, or stages), and may name another
executor. The measured phase begins while the warm-up’s load still runs.`;

export const FLOWS = `\`flows\` instead of \`steps\` and \`load\`: several of both at once, each with its own rows, VUs or arrivals,
and the tag \`flow\` on all that it measures. The measured phase begins for all at one instant, so that
warm-ups have the same duration; a flow may begin later and end with another. Their loads take two more
keys. A plan of arrivals that ends with another flow needs a \`duration\` where that flow’s is not known
before; it ends with that flow all the same. \`minDuration\` with \`minSamples\` ends a scenario of one flow
only.

\`\`\`yaml
flows:
  search:
    steps: [{ name: find, request: { path: /search } }]
    load: { executor: constant-vus, vus: 8, endWith: ingest }
  ingest:
    steps: [{ name: add, request: { path: /add, json: { id: '{{ iteration.uuid }}' } } }]
    load: { executor: constant-arrival-rate, rate: 10/s, duration: 30s }
\`\`\``;

export const THRESHOLDS = `\`metric {tag:value,…} aggregate operator value\`, such as \`response_time{step:embed} p(99) < 250ms\`.
One that fails, or that cannot be decided, makes exit code 99.

- Histograms take \`p(N)\`, \`med\`, \`avg\`, \`min\`, \`max\`, \`count\`; counters \`count\`, \`rate\` (per second) and
  \`share\` (of what was sent; \`unsent\` and \`goodput\` of what was planned, so that dropping requests never
  helps); gauges \`avg\`, \`min\`, \`max\`, \`last\`; \`error_rate\` takes none.
- The value has the metric’s unit: \`250ms\`, \`0.1%\`, \`400/s\`.
- Tags: \`flow\`, \`step\`, \`target\`, \`outcome\`, \`phase\`, \`reason\`, \`wait\`, own tags, and swept axes by
  their key as written. Several series are added count for count, never averaged; \`tag:*\` judges each
  alone; \`phase\` is \`measure\` unless named. A threshold on a swept axis is judged in the trials that
  have that value.
- A latency that is judged ranks over everything that was due: what failed or was never sent ranks as
  never answered.
- Below its sample floor a percentile is undecided, which fails; \`validate\` warns where it can tell.

- With a \`window\` it must hold in every full window of that length, sliding by a second; seconds that
  T0, T1 or a stop cut are in no window, and the result names the worst window. A percentile needs its
  samples in every window. Where a busy worker’s row covers several seconds, windows are longer by that.
- \`abortOnFail\` looks once a second at what was recorded until then, or at the window that just ended.
  What is undecided aborts nothing. The load ends as at its own end (what runs is drained), the trial is
  \`incomplete\` with exit code 99, and the next trial of a sweep begins.

A threshold is a text, or a map with these keys:`;

export const SWEEP = `Axes that multiply into trials, the last one fastest. An axis is a path with its values, or a label
with named points, each an override like a profile:

\`\`\`yaml
sweep:
  params.tokens: [32, 128, 512]
  level:
    low: { load.vus: 4, load.iterations: 5000 }
    high: { load.vus: 64, load.iterations: 20000 }
\`\`\`

\`--set\` on a swept path leaves that value as the only one of its axis (an axis of named points goes
altogether), and \`--set level=high\` keeps that point. At most 1,000 trials.`;

export const TRIALS = `How the points of a sweep, or the one trial of a scenario without a sweep, are run. Repetitions are
interleaved: each point once, then each again, so that what drifts over an afternoon falls on all points
alike. Every repetition has the same seed, and so the same plan and data, and a folder of its own; what
differs between them is what the system adds. A trial that fails its thresholds, or that
\`abortOnFail\` ended, does not keep the next one from running, unless \`stopOnFail\` is set.`;

export const OVERRIDES = `Profiles, \`--set\` and sweep points are laid over the scenario in that order, all by one rule: keys are
dotted paths, items of a list are reached by their names (\`steps.embed.timeout\`), maps merge, scalars
and lists replace, \`null\` removes. Only the outermost keys of an override are paths. Names that the
scenario does not have are errors.

\`\`\`yaml
profiles:
  quick: { load.iterations: 100, thresholds: ["error_rate == 0%"] }
\`\`\`

\`loadgen run FILE --profile quick,slo --set steps.embed.timeout=2s --set load.warmup=null\``;

export const METRICS = `Times are in the unit of the value they are compared with. \`response_time\` counts from when a request
should have been sent, \`service_time\` from when it was handed to the socket.`;

export const LATER = `Known to the language, and refused by this version rather than ignored:`;

export const OUTPUTS = `
Who sees a run while it runs, once a second. None of them can hold it up: what a sink does not take
in time is dropped, counted, and told in the summary and under \`outputs\` in \`result.json\`. At the
end of a trial they have two seconds to catch up. Files are relative to the scenario. An endpoint or
a file that cannot be opened on this machine ends the run before its load (exit code 104).

Prometheus and OTLP see what was counted since the trial began, with buckets from 10 µs to 60 s; so a
scrape or an export that is lost costs no count. StatsD, CSV and JSON lines see each second alone, with
its percentiles where there are samples enough. docs/outputs.md has examples.
`.trim();
