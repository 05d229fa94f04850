import { applicable, faultKind } from '../../infra/lab/faults/catalogue.js'
import type { FaultSite } from '../../infra/lab/faults/fault.js'
import type { LabFlow } from '../../infra/lab/plan.js'
import type { PostRun } from '../../infra/lab/posts.js'
import { applyChanges } from '../diagnosis/apply.js'
import type { Fix } from '../diagnosis/diagnosis.js'
import type { DiagnosisGroup } from '../diagnosis/group.js'
import { diagnoseReports } from '../diagnosis/reports.js'
import { sortLines } from '../ingest/sort-lines.js'
import type { Text } from '../network/path.js'
import type { LiveLab } from './live.js'
import { applyStep } from './steps.js'

/** A running lab, as another process sees it. */
export interface SessionStatus {
  readonly name: string
  /** Process id of the first process in the lab's namespaces. */
  readonly world: number
  /** Names of the namespaces: interfaces by their ids, routers, the internet. */
  readonly namespaces: readonly string[]
}

/** A fault that would stand in the way of one of the lab's flows, and where it would be put. */
export interface FaultPlace {
  readonly fault: string
  readonly component: string
  readonly title: Text
  readonly flow: string
}

export interface BrokenBy {
  readonly fault: string
  readonly component: string
  readonly title: Text
  readonly description: Text
}

export interface Mended {
  readonly fixes: readonly Pick<Fix, 'title' | 'cli'>[]
  /** What fails still, a sentence each. */
  readonly failing: readonly Text[]
}

/** What can be done to a lab that runs. */
export interface LabSession {
  readonly status: () => SessionStatus
  readonly faults: () => readonly FaultPlace[]
  /** @throws {RangeError} where the fault, or the site, does not fit the lab as it is */
  readonly break: (fault: string, site: string | null) => Promise<BrokenBy>
  /** Applies what Sonde suggests for what fails, one fix after the other, until nothing fails or nothing helps. */
  readonly fix: () => Promise<Mended>
}

/** Fixes that one `fix` applies at most: two that undo each other must not go on for ever. */
const MOST_FIXES = 8

export interface SessionParts {
  readonly name: string
  readonly live: LiveLab
  readonly world: number
  readonly flows: readonly LabFlow[]
  /** Is told of every run that the session has made. */
  readonly onRun: (run: PostRun) => void
}

/** Whom a cause hits, and the cause. */
function failureText({ functions, checks, summary }: DiagnosisGroup): Text {
  const whom = `${functions.join(', ')} → ${checks.join(', ')}`
  return { en: `${whom}: ${summary.en}`, ko: `${whom}: ${summary.ko}` }
}

/** A session on a live lab. */
export function createSession({ name, live, world, flows, onRun }: SessionParts): LabSession {
  const places = (): readonly (FaultSite & { readonly flow: LabFlow })[] => {
    const { snapshot } = live.state()
    const all = flows.flatMap((flow) => applicable(snapshot, flow).map((site) => ({ ...site, flow })))
    return [...new Map(all.map((site) => [`${site.fault} ${site.component}`, site])).values()]
  }
  const diagnosed = async () => {
    const runs = await live.probe(live.posts(), onRun)
    const { reports } = sortLines(runs.flatMap(({ lines }) => lines))
    const { groups } = diagnoseReports({ snapshot: live.state().snapshot, reports })
    return groups.filter(({ kind }) => kind !== 'healthy')
  }
  return {
    status: () => ({ name, world, namespaces: live.up().namespaces }),
    faults: () =>
      places().map(({ fault, component, flow }) => ({
        fault,
        component,
        title: faultKind(fault)?.title ?? { en: fault, ko: fault },
        flow: `${flow.from} → ${flow.to}`,
      })),
    async break(fault, site) {
      const kind = faultKind(fault)
      const own = places().filter((place) => place.fault === fault)
      const place = own.find((one) => site === null || one.component === site)
      if (kind === undefined) throw new RangeError(`there is no fault ${fault}: see sonde lab break ${name}`)
      if (place === undefined) {
        const where = own.map(({ component }) => component).join(', ')
        throw new RangeError(
          site === null || own.length === 0
            ? `${fault} has no place in this lab as it is: see sonde lab break ${name}`
            : `${fault} can not be put in at ${site}, but at ${where}`,
        )
      }
      await live.change((state) => applyStep(state, { kind: 'fault', id: fault, site: place }))
      const { title, description } = kind
      return { fault, component: place.component, title, description }
    },
    async fix() {
      const fixes: Pick<Fix, 'title' | 'cli'>[] = []
      const tried = new Set<string>()
      for (;;) {
        const failing = await diagnosed()
        const fix = failing
          .flatMap(({ members }) => members.flatMap(({ diagnosis }) => diagnosis.fixes.slice(0, 1)))
          .find(({ id }) => !tried.has(id))
        if (fix === undefined || tried.size === MOST_FIXES)
          return { fixes, failing: failing.map(failureText) }
        tried.add(fix.id)
        await live.change(({ snapshot, hosts }) => ({ snapshot: applyChanges(snapshot, fix.changes), hosts }))
        fixes.push({ title: fix.title, cli: fix.cli })
      }
    },
  }
}
