import type { Report } from './report.ts';

/** Every report format: one line each, loaded when asked for. */
const REPORTS = {
  text: async () => (await import('./text/text-report.ts')).textReport,
  json: async () => (await import('./json-report.ts')).jsonReport,
  junit: async () => (await import('./junit-report.ts')).junitReport,
  markdown: async () => (await import('./markdown/markdown-report.ts')).markdownReport,
  csv: async () => (await import('./csv-report.ts')).csvReport,
} as const satisfies Record<string, () => Promise<Report>>;

export type ReportFormat = keyof typeof REPORTS;

export const REPORT_FORMATS = Object.keys(REPORTS) as readonly ReportFormat[];

/** What a file with this report is called by, after its dot. */
export const REPORT_EXTENSIONS: Readonly<Record<ReportFormat, string>> = {
  text: 'txt',
  json: 'json',
  junit: 'xml',
  markdown: 'md',
  csv: 'csv',
};

export function isReportFormat(name: string): name is ReportFormat {
  return Object.hasOwn(REPORTS, name);
}

export function loadReport(format: ReportFormat): Promise<Report> {
  return REPORTS[format]();
}
