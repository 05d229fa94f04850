export const en = {
  title: 'Overview',
  causes: 'What is wrong now',
  causesNone: 'Nothing is wrong',
  causesNoneHint: 'Every check that has reported is as expected.',
  causesNoneKnown: 'Nothing is known to be wrong',
  silent: (n: number) =>
    n === 1
      ? '1 function has fallen silent or never reported: nobody knows how it is.'
      : `${n} functions have fallen silent or never reported: nobody knows how they are.`,
  over: 'Over',
  omitted: (n: number) => `${n} more failing functions were not looked into.`,
  fix: 'Fix',
  rehearsed: 'Rehearsed: the path turns open',
  showFix: 'Show the fix',
  hideFix: 'Hide the fix',
  risk: 'Risk',
  openPath: 'See the path',
  moreFunctions: (n: number) => `and ${n} more`,
  cli: 'AWS CLI',

  functions: 'Functions',
  filter: 'Status',
  all: 'All',
  search: 'Find by name',
  clear: 'Clear the filter',
  moved: (n: number) =>
    n === 1
      ? '1 function came, went or changed its status'
      : `${n} functions came, went or changed their status`,
  reorder: 'Sort anew',
  name: 'Function',
  status: 'Status',
  reported: 'Last report',
  checks: 'Checks',
  of: (failed: number, of: number) => `${failed}/${of} subnets`,
  cell: (check: string, status: string, detail: string) => `${check}: ${status}${detail}`,
  passing: (n: number, of: number) => `${n} of ${of} checks pass`,
  noChecks: 'no report yet',
  none: 'No function has reported yet',
  noneHint:
    'A probe prints its report on stdout. Connect its log group under “sources” in the configuration, or feed the lines to “sonde ingest” or POST /v1/reports.',
  noMatch: 'No function matches',
  noMatchHint: 'Try another part of the name, or another status.',
}

export type OverviewWords = typeof en
