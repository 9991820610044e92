import type { ZodObject, ZodType } from 'zod';
import type { Clock } from '../base/time/clock.ts';
import type { TimerWheel } from '../base/time/timer-wheel.ts';
import type { TurnQueue } from '../base/time/turn-queue.ts';
import type { Scope, Template, TemplateContext } from '../base/expressions/template.ts';
import type { MetricDeclaration } from '../measure/metrics/metric.ts';
import type { OperationSlots } from '../measure/metrics/operation-slots.ts';

/**
 * A driver speaks one protocol. The definition is light (schemas and declarations) and loaded
 * everywhere; `load` brings the implementation, in workers only.
 */
export interface DriverDefinition {
  readonly name: string;
  readonly summary: string;
  /** URL schemes it takes, without the colon: `http`, `https`. */
  readonly schemes: readonly string[];
  /** Keys of a target beside those that every target has. */
  readonly targetOptions: ZodObject;
  /** What of a target cannot be right although each key is: told before anything starts. */
  checkTarget?(target: TargetUse): readonly UseProblem[];
  /** Files that `targetOptions` name, to be looked for before anything starts. */
  targetFiles?(options: Readonly<Record<string, unknown>>): readonly FileUse[];
  readonly verbs: Readonly<Record<string, VerbDefinition>>;
  /**
   * What the steps of one target say together, those of `prepare` first: a server may keep with a
   * thing what the language says of its use. Gives their verbs' values back, in the same order.
   */
  settle?(steps: readonly StepUse[]): readonly SettledStep[];
  /**
   * The driver's own histograms of one value an operation, of times, counts or bytes: a session
   * writes them into `OperationSlots.phases`, in this order, and NaN where there was none.
   */
  readonly phases: readonly MetricDeclaration[];
  /** Its own counters: a session adds to `OperationSlots.counts`, in this order. */
  readonly counters?: readonly MetricDeclaration[];
  /**
   * Its own histograms of any number of values an operation, such as the gaps between the chunks
   * of a stream: a session adds them to `OperationSlots.samples`, in this order.
   */
  readonly sampled?: readonly MetricDeclaration[];
  /** Rates of its counters that have names of their own: gauges with `rateOf`. */
  readonly rates?: readonly MetricDeclaration[];
  /** Other tools by whose definitions it can measure too, for `report: { dialects }`. */
  readonly dialects?: Readonly<Record<string, { readonly title: string; readonly source: string }>>;
  /** Named limits for `slo`: name → metric → limit in the unit of the metric. */
  readonly sloPresets?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly capabilities: DriverCapabilities;
  /** Brings what a target with these options needs. */
  load(options?: Readonly<Record<string, unknown>>): Promise<DriverModule>;
  /** What its servers count of themselves, looked at by the runner while they are under load. */
  readonly serverStats?: ServerStats;
  /** Its commands by name; their texts stand in the registry, so that help loads no driver. */
  commands?(): Promise<Readonly<Record<string, DriverCommand>>>;
  /**
   * Connections that all operations share where a target says neither `connection` nor
   * `connections`; without it, or where it is undefined, each session has its own.
   */
  defaultConnections?(options: Readonly<Record<string, unknown>>): number | undefined;
  /** Where a target's options decide over where its stamps come from. */
  stampsOf?(options: Readonly<Record<string, unknown>>): DriverCapabilities['stamps'];
}

export interface ServerStats {
  /**
   * Counters and gauges whose names begin with `server_`: of a counter it is told what it grew by,
   * a gauge as it was.
   */
  readonly metrics: readonly MetricDeclaration[];
  load(): Promise<{ open(context: ServerStatsContext): ServerSampler }>;
}

export type ServerStatsContext = Pick<DriverContext, 'name' | 'url' | 'options' | 'baseFolder'>;

/** Asks one server; on the main thread, never twice at once. */
export interface ServerSampler {
  /** By name of the metric; counters as they stand. What the server does not know is left out. */
  sample(): Promise<Readonly<Record<string, number>>>;
  close(): void;
}

/**
 * A command of the command line that belongs to a driver. `context` is of the server whose address
 * it was given; `names` are its other arguments. Resolves to what is to be printed.
 */
export type DriverCommand = (context: DriverContext, names: readonly string[]) => Promise<string>;

export interface DriverCapabilities {
  /** Several operations at once over one connection. */
  readonly multiplexes: boolean;
  /** Where stamps come from: the socket, or around the call of a client that hides it. */
  readonly stamps: 'socket' | 'call';
  readonly maxInFlightPerSession: number;
}

export interface VerbDefinition {
  readonly summary: string;
  readonly schema: ZodType;
  /** What `expect`, `extract` and so on may name: field → what it is. */
  readonly resultFields: Readonly<Record<string, string>>;
  /** Files that the verb's parsed value names, those that a template makes left out. */
  files?(spec: unknown): readonly FileUse[];
  /** Units of work of an operation where the step does not say: an expression, 1 without it. */
  readonly items?: string;
  /**
   * Names of the driver's metrics that a step with this parsed value can have; all of them without
   * it. What a step cannot have gets no series, and feeding it is a bug.
   */
  feeds?(spec: unknown, dialects: readonly string[]): readonly string[];
  /** What a step with this parsed value does with a collection of rows, where it does. */
  collectionUse?(spec: unknown): CollectionUse | undefined;
  /** Naming one of these in `expect` replaces the driver's own status rule. */
  readonly statusFields: readonly string[];
  /**
   * The same request, which also says `mark` (a text that may hold `{{ }}`) where the server of an
   * audit logs it. Without this the verb cannot be audited.
   */
  marked?(spec: unknown, mark: string): unknown;
}

/**
 * How a verb uses a collection of rows: by it the scores of searches are held against what the
 * index promises. Values may hold `{{ }}`.
 */
export interface CollectionUse {
  readonly collection: string;
  readonly does: 'makes' | 'adds' | 'replaces' | 'deletes' | 'searches';
  /** Of what is made: searches find the nearest rows, and nothing is left to chance. */
  readonly isExact?: boolean;
  /** Of what is written or deleted: a list, or a text that gives one; undefined where a filter does. */
  readonly ids?: unknown;
  /** How hard searches look, by the name of the setting; of what is made, and of a search. */
  readonly effort?: Readonly<Record<string, unknown>>;
}

/** A target as its driver's keys are checked against the others. */
export interface TargetUse {
  /** Empty where a server is to be started. */
  readonly url: string;
  readonly connection: DriverContext['connection'];
  /** Shared by all operations; undefined: each session has its own. */
  readonly connections?: number | undefined;
  readonly options: Readonly<Record<string, unknown>>;
}

/** A step as its driver sees it beside the others of its target. */
export interface StepUse {
  readonly verb: string;
  /** The verb's parsed value, with templates still as text. */
  readonly spec: unknown;
}

export interface SettledStep {
  /** As it was, or changed for what other steps say. */
  readonly spec: unknown;
  readonly problems: readonly UseProblem[];
}

/** `path` leads from the target, or from the verb, to the value that is wrong. */
export interface UseProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** A file that the value at `path` names, relative to the scenario. */
export interface FileUse {
  readonly path: readonly (string | number)[];
  readonly file: string;
}

export interface DriverModule {
  /** A promise where something must be asked of the server first, such as what it serves. */
  create(context: DriverContext): Driver | Promise<Driver>;
}

/** What a worker hands to the driver of one target. */
export interface DriverContext {
  /** The target's key in the scenario. */
  readonly name: string;
  readonly url: string;
  readonly connectTimeoutMs: number;
  /** Folder of the scenario: files that a target or a step names are relative to it. */
  readonly baseFolder: string;
  /** The target's parsed `targetOptions`. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly connection: 'perVu' | 'pooled' | 'perRequest';
  /** Those of its `dialects` that are asked for. */
  readonly dialects?: readonly string[];
  /**
   * How many connections this worker shares among its sessions, of a driver that multiplexes;
   * undefined: as the driver has it.
   */
  readonly connections?: number | undefined;
  /** Of the scenario, for what a driver draws itself. */
  readonly seed: number;
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly turns: TurnQueue;
  readonly slots: OperationSlots;
}

/** One a target and worker. */
export interface Driver {
  /** Compiles the verb of a step once; called before the first `open`. */
  compile(verb: VerbUse): PreparedOperation;
  /**
   * Called once, after the steps are compiled and before the first `open`: waits until the server
   * is ready for them, and holds what it says about itself against them. Rejects with a coded error.
   */
  ready?(): Promise<void>;
  /** A session for the VU or in-flight place `slot`. It need not be connected yet. */
  open(slot: number): Session;
  /**
   * Why operations and connecting ahead failed, in words for people, with counts: beside the
   * outcomes, which are what is measured. Bounded; the rest is counted under `other`.
   */
  failureReasons?(): ReadonlyMap<string, number>;
  /**
   * What servers say that they keep of what operations made there, by its name: such as the
   * settings of the index of a collection. Told of preparations. Bounded.
   */
  settingsKept?(): ReadonlyMap<string, Readonly<Record<string, string | number>>>;
  /** Complete answers that came after their timeout. */
  readonly lateAnswers?: number;
  /** Connections that are open now. */
  openConnections?(): number;
  close(): void;
}

export interface VerbUse {
  readonly verb: string;
  /** The verb's parsed value, with templates still as text. */
  readonly spec: unknown;
  readonly timeoutMs: number;
  /** Result fields that the step's expressions read: what is not read need not be kept. */
  readonly fieldsRead: ReadonlySet<string>;
  /** Compiles a text that may hold `{{ }}`, escaped for where it will stand. */
  template(text: string, context: TemplateContext): Template;
  /** Compiles any JSON value with templates inside to the text of that JSON. */
  json(value: unknown): Template;
  /** Compiles a text that keeps the type of its value when it is one `{{ }}` and nothing else. */
  value(text: string): (scope: Scope) => unknown;
}

/** A step's request, compiled: `bind` fills in what changes from row to row. */
export interface PreparedOperation {
  /** Makes the request for `session.execute`. Throws TEMPLATE_FAILED for a row that breaks it. */
  bind(scope: Scope): unknown;
}

/** One connection state, used by one VU or in-flight place at a time. */
export interface Session {
  /** Opens the connection ahead of load; resolves to false when it cannot be reached. */
  connect(): Promise<boolean>;
  /** True when a request could be written at once. */
  readonly usable: boolean;
  /**
   * Sends one operation and calls `ended` once when it ended, whatever its outcome: the caller's
   * next operation may begin within that call, so it is the last thing to do. Throws only for
   * bugs. Reads `slots.acquired[slot]`; writes granted, sent, done, outcome, sizes and phases, and
   * adds to the counts and samples it declares.
   */
  execute(request: unknown, slot: number, ended: () => void): void;
  /** Ends the operation in `slot` at once with `outcome` (index in OUTCOMES), if one is open. */
  abort(slot: number, outcome: number): void;
  /** The last answer's result fields, for expressions; valid until the next `execute`. */
  readonly result: Readonly<Record<string, unknown>>;
  close(): void;
}
