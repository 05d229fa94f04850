import type { LambdaContext } from './identity.js'

/** Options of `withSonde`. */
export interface SondeOptions {
  /** The plan for events that bring none; otherwise `SONDE_PLAN`, otherwise `plan.json` beside the code. */
  readonly plan?: unknown
}

/** How Lambda marks a handler that streams its response. */
const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming')

/**
 * Wraps a Lambda handler so that the event `{"sonde": {...}}` (or `{"sonde": true}`) runs the checks inside the very
 * function, with its own network, role and memory; the answer is the probe's. Every other event passes through: same
 * arguments, same `this`, same return value. The wrapped handler keeps its arity, its name and its properties, by which
 * Lambda tells callback and streaming handlers apart. The probe's code is loaded at the first sonde event only.
 */
export function withSonde<H extends (...args: never[]) => unknown>(
  handler: H,
  options: SondeOptions = {},
): H {
  let probe: Promise<(event: unknown, context?: LambdaContext) => Promise<unknown>> | undefined
  const load = (): NonNullable<typeof probe> => {
    probe ??= import('./handler.js').then(({ createHandler }) => createHandler())
    return probe
  }
  const streaming = Reflect.get(handler, STREAMING) !== undefined
  return new Proxy(handler, {
    apply(target, self, args: unknown[]) {
      const [event, second, third] = args
      if (!isSondeEvent(event)) return Reflect.apply(target, self, args)
      const given = streaming ? third : second
      const context = isContext(given) ? given : undefined
      const answer = load().then((run) => run(eventWith(event, options.plan), context))
      return streaming && isWritable(second) ? answer.then((value) => send(second, value)) : answer
    },
  })
}

type SondeEvent = { readonly sonde: object | true }

function isSondeEvent(event: unknown): event is SondeEvent {
  if (typeof event !== 'object' || event === null || !Object.hasOwn(event, 'sonde') || !('sonde' in event))
    return false
  return event.sonde === true || (typeof event.sonde === 'object' && event.sonde !== null)
}

function eventWith(event: SondeEvent, plan: unknown): unknown {
  const own = event.sonde === true ? {} : event.sonde
  const brings = 'plan' in own || 'checks' in own
  return { sonde: brings || plan === undefined ? own : { plan } }
}

function isContext(value: unknown): value is LambdaContext {
  return typeof value === 'object' && value !== null
}

function isWritable(value: unknown): value is NodeJS.WritableStream {
  return isContext(value) && 'write' in value && 'end' in value
}

function send(stream: NodeJS.WritableStream, answer: unknown): Promise<void> {
  return new Promise((resolve) => {
    stream.end(JSON.stringify(answer), () => resolve())
  })
}
