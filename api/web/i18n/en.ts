/** Words of the shell and of what all pages share. Keys are typed: a language that lacks one does not compile. */
export const en = {
  skip: 'Skip to content',
  navigation: 'Main',
  pages: {
    overview: 'Overview',
    function: 'Function',
    map: 'Map',
    trace: 'Trace',
    incidents: 'Incidents',
    rejects: 'Rejects',
    settings: 'Settings',
  },
  reference: 'API reference',
  switchLanguage: '한국어',
  switchLanguageTag: 'ko',
  themes: { system: 'Theme: as the system', light: 'Theme: light', dark: 'Theme: dark' },

  live: 'Live',
  connecting: 'Connecting',
  lost: (ago: string) => `Disconnected ${ago}, retrying`,
  lastReport: (ago: string) => `last report ${ago}`,
  noReport: 'no report yet',
  zone: (zone: string) => `Times in ${zone}`,

  sampleLab:
    'Lab sample: real packets through a network of this machine’s kernel. Nothing leaves it, no AWS account is asked.',
  sampleLoopback:
    'Sample: real probes against listeners on this machine’s loopback. Nothing else is contacted.',
  sampleRecording: (at: string) =>
    `Recording of the lab, made ${at}. The packets were real; nothing runs now.`,
  sampleConnect: 'Connect your own account',

  status: {
    healthy: 'Healthy',
    degraded: 'Degraded',
    failing: 'Failing',
    stale: 'Stale',
    unknown: 'Unknown',
    passing: 'Passing',
    pending: 'Pending',
    pass: 'Pass',
    block: 'Blocked',
    reachable: 'Reachable',
    unreachable: 'Unreachable',
    open: 'Open',
    closed: 'Closed',
  },
  kind: {
    healthy: 'As expected',
    proven: 'Proven',
    predicted: 'Predicted',
    contradicted: 'Packet and snapshot disagree',
    'outside-configuration': 'Outside the configuration',
    inconclusive: 'Inconclusive',
  },

  now: 'just now',
  never: 'never',
  ago: {
    seconds: (n: number) => `${n} s ago`,
    minutes: (n: number) => `${n} min ago`,
    hours: (n: number) => `${n} h ago`,
    days: (n: number) => `${n} d ago`,
  },
  span: {
    seconds: (n: number) => `${n} s`,
    minutes: (n: number) => `${n} min`,
    hours: (n: number) => `${n} h`,
    days: (n: number) => `${n} d`,
  },

  copy: 'Copy',
  copied: 'Copied',
  copyFailed: 'Select and copy',
  close: 'Close',
  retry: 'Try again',
  more: 'Load more',
  loading: 'Loading',
  loadingMore: 'Loading more',

  problem: {
    forbidden: 'This token may not do this',
    missing: 'Not found',
    refused: 'The request was refused',
    busy: 'The server is busy',
    broken: 'Something went wrong in Sonde',
    disconnected: 'No connection to Sonde',
    disconnectedHint: 'The page comes back by itself as soon as the server answers.',
    brokenHint: (id: string) => `The server’s log has the details under ${id}.`,
    chunk: 'This part of the page could not be loaded',
    chunkHint: 'Sonde may have been updated since this page was opened.',
    reload: 'Reload the page',
  },
  signIn: {
    title: 'This Sonde asks for a token',
    hint: 'Make one with “sonde token new --scope read” and put the line it prints into the configuration. It is kept in this tab only.',
    label: 'Token',
    submit: 'Continue',
    wrong: 'That token is not known here.',
    out: 'Forget token',
  },
  notFound: {
    title: 'There is no such page',
    hint: 'The address may have been mistyped.',
    home: 'To the overview',
  },
}

export type Words = typeof en
