/**
 * The one catalogue of what the API can answer besides success, as RFC 9457 problem details.
 * A code is a promise to clients: it is never reused with another meaning, and a retired one stays retired.
 */
export const PROBLEMS = {
  invalid_request: {
    status: 400,
    title: 'The request is not valid',
    about:
      'A parameter or the body does not fit its schema; `errors` names each place and what is wrong there.',
  },
  invalid_cursor: {
    status: 400,
    title: 'The cursor is not one of ours',
    about: 'Cursors are opaque: pass `nextCursor` of the previous page unchanged, with the same filters.',
  },
  too_many_buckets: {
    status: 400,
    title: 'The timeline would have too many buckets',
    about: 'Ask for a shorter stretch of time or a larger step.',
  },
  unreadable_body: {
    status: 400,
    title: 'The body could not be read',
    about: 'It is cut off, is not what its Content-Type or Content-Encoding says, or its length is wrong.',
  },
  malformed_request: {
    status: 400,
    title: 'This is no HTTP/1.1 request',
    about:
      'What came could not be read as HTTP/1.1: another protocol, an unknown method, or a broken header.',
  },
  headers_too_large: {
    status: 431,
    title: 'The headers are too large',
    about: 'All headers together may hold 16 KiB.',
  },
  request_timeout: {
    status: 408,
    title: 'The request did not come in time',
    about: 'All of a request must be there within two minutes.',
  },
  unauthenticated: {
    status: 401,
    title: 'A token is needed',
    about: 'Send `Authorization: Bearer TOKEN`. Make one with `sonde token new`.',
  },
  forbidden: {
    status: 403,
    title: 'The token does not allow this',
    about: 'The token is known, but lacks the scope that the route needs.',
  },
  host_not_allowed: {
    status: 403,
    title: 'The Host header does not name this machine',
    about:
      'Without tokens the API answers only to loopback names, so that no web page can reach it under a name of its own (DNS rebinding).',
  },
  cross_site: {
    status: 403,
    title: 'Requests from other sites are refused',
    about: 'Without tokens the API takes no requests that a browser sends on behalf of another site.',
  },
  not_found: {
    status: 404,
    title: 'There is no such thing',
    about: 'The path or the name in it is unknown.',
  },
  method_not_allowed: {
    status: 405,
    title: 'The path does not take this method',
    about: '`Allow` lists the methods that it takes.',
  },
  no_snapshot: {
    status: 409,
    title: 'No snapshot is kept',
    about: 'Paths are traced through a snapshot of the configuration, and there is none yet.',
  },
  runs_unavailable: {
    status: 409,
    title: 'Nothing here can run probes',
    about:
      'Runs on demand invoke the probes in their account. The configuration names none under `runs`, or this is a recording.',
  },
  sample_recording: {
    status: 409,
    title: 'A recording can not be changed',
    about:
      'The sample is replayed here. Where the machine allows network namespaces it runs live, and can be broken and mended; ' +
      '`whyNoLab` of GET /v1/sample says what is missing.',
  },
  sample_unfit: {
    status: 409,
    title: 'The sample is not as that needs it',
    about: 'An earlier fault or fix has changed what this one touches. POST /v1/sample/reset begins anew.',
  },
  payload_too_large: {
    status: 413,
    title: 'The body is too large',
    about: 'Send fewer lines a request. The limit holds for the decompressed body.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'The body is of a kind that this route does not read',
    about:
      'Reports are sent as application/x-ndjson, application/json or text/plain; gzip and deflate are understood.',
  },
  too_many_requests: {
    status: 429,
    title: 'Too many requests',
    about: 'The token or address has used up its share; `Retry-After` says when to go on.',
  },
  internal_error: {
    status: 500,
    title: 'Sonde failed',
    about: 'A fault of the program. The log holds the details under the `requestId`.',
  },
  overloaded: {
    status: 503,
    title: 'Too much is in progress',
    about:
      'Nothing of the request was taken in. Send it again after `Retry-After` seconds; reports are never counted twice.',
  },
  streaming_unavailable: {
    status: 501,
    title: 'No event streams here',
    about:
      'This API runs on Lambda, where an answer ends with its request: it can not follow what happens. Ask for the state again instead.',
  },
  not_ready: {
    status: 503,
    title: 'Not ready',
    about: 'The store does not answer, or the server is shutting down.',
  },
} as const satisfies Record<string, { status: number; title: string; about: string }>

export type ProblemCode = keyof typeof PROBLEMS
