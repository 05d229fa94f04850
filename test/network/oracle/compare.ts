import { buildModel, type Model } from '../../../api/network/model.js'
import { parseDestination, parseSource } from '../../../api/network/selectors.js'
import type { Snapshot } from '../../../api/network/snapshot.js'
import { trace } from '../../../api/network/trace.js'
import { told } from '../support/ask.js'
import { type Asked, judge } from './judge.js'
import type { Answers, Json } from './raw.js'

const isObject = (v: unknown): v is Json => typeof v === 'object' && v !== null

export function answersOf(snapshot: Snapshot): Answers {
  return new Map(
    snapshot.documents.map((d) => [
      d.key === '' ? d.call : `${d.call} ${d.key}`,
      isObject(d.body) ? d.body : {},
    ]),
  )
}

export function sourceText(from: Asked['from']): string {
  if ('instance' in from) return from.instance
  const at = from.address === null ? '' : `@${from.address}`
  return `${[from.subnet, ...from.groups].join('+')}${at}`
}

export function tracedBy(model: Model, asked: Asked) {
  const { destination, port } = parseDestination(asked.to, asked.port)
  const t = trace(model, parseSource(sourceText(asked.from)), destination, {
    protocol: asked.protocol,
    port,
    sourcePort: asked.sourcePort,
  })
  return {
    verdict: t.verdict,
    findings: new Set(told(t).map(plain)),
    missing: t.missing.map((m) => `${m.call} ${m.component}`),
  }
}

/** Of a loop any of its components may be named. */
const plain = (finding: string): string => (finding.startsWith('ROUTING_LOOP ') ? 'ROUTING_LOOP' : finding)

/** How a packet that reaches a group is refused depends on its port; over many ports only that it is counts. */
const coarse = (finding: string): string =>
  finding.replace(/^(SG_REFERENCES_NOT_PRESERVED|SG_REFERENCING_SUPPORT|ENI_SG_RULES_MISMATCH) /, 'GROUPS ')

export type Outcome =
  | { readonly kind: 'same'; readonly verdict: string; readonly whole: boolean }
  /** The tracer leaves open what the oracle, trying every address, could tell. */
  | { readonly kind: 'open' }
  | { readonly kind: 'different'; readonly oracle: string; readonly tracer: string }

const show = (verdict: string, findings: Iterable<string>): string =>
  `${verdict}: ${[...findings].toSorted().join(' | ')}`

/** Asks both and compares: the verdict, and who blocks: all of it where the packets got to their end, else what the oracle met. */
export function compare(model: Model, answers: Answers, asked: Asked): Outcome {
  const one = judge(answers, asked)
  const two = tracedBy(model, asked)
  if (one.dependsOnAddress) return { kind: 'open' }
  const range = !('instance' in asked.from) && asked.from.address === null
  if (range && two.verdict === 'unknown') return { kind: 'open' }
  const oracle = one.many ? new Set([...one.findings].map(coarse)) : one.findings
  const tracer = one.many ? new Set([...two.findings].map(coarse)) : two.findings
  const missed = [...oracle].some((f) => !tracer.has(f))
  const invented = one.whole && [...tracer].some((f) => !oracle.has(f))
  if (one.verdict === two.verdict && !missed && !invented)
    return { kind: 'same', verdict: one.verdict, whole: one.whole }
  return {
    kind: 'different',
    oracle: `${show(one.verdict, oracle)}${one.whole ? '' : ' …'}`,
    tracer: `${show(two.verdict, tracer)} ${two.missing.join(', ')}`,
  }
}

/** Whether two comparisons failed in the same words, so that shrinking doesn't drift to another disagreement. */
export function likewise(a: Outcome, b: Outcome): boolean {
  if (a.kind !== 'different' || b.kind !== 'different') return false
  return a.oracle === b.oracle && a.tracer === b.tracer
}

export function modelOf(snapshot: Snapshot): Model {
  return buildModel(snapshot).model
}
