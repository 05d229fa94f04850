import type { Command } from 'commander'
import {
  type ChangedPath,
  diffPaths,
  MOST_DATABASES,
  type PathSummary,
  type SnapshotDiff,
} from '../network/diff.js'
import { EXIT, guard, type Io, write } from './io.js'
import { loadModel } from './model-input.js'
import { type Screen, type Style, safe, screenOf, wrap } from './screen.js'

const HELP = `
Compares, for every function in both snapshots, its paths to the databases in its VPC, to the internet, to
DynamoDB, S3 and each service that has an endpoint in its VPC.
Exit:  0 no path changed, 1 paths or functions changed, 2 bad input`

/** Adds `sonde diff`: which paths of which functions changed between two snapshots. */
export function registerDiff(program: Command, io: Io): void {
  program
    .command('diff')
    .description('which paths of which functions changed between two snapshots')
    .argument('<before>', 'folder of the older snapshot')
    .argument('<after>', 'folder of the newer snapshot')
    .option('--json', 'print the versioned JSON contract')
    .addHelpText('after', HELP)
    .action((before: string, after: string, options: { readonly json?: boolean }) =>
      guard(
        io,
        'diff',
        () => false,
        async () => {
          const diff = diffPaths(await loadModel(io, before), await loadModel(io, after))
          const text = options.json
            ? `${JSON.stringify(diff, null, 2)}\n`
            : drawDiff(diff, screenOf(io.stdout, io.env))
          await write(io.stdout, text)
          const { added, removed } = diff.functions
          return diff.changes.length + added.length + removed.length === 0 ? EXIT.ok : EXIT.failed
        },
      ),
    )
}

function drawDiff(diff: SnapshotDiff, screen: Screen): string {
  const { added, removed, compared } = diff.functions
  const lines: string[] = []
  for (const name of removed) lines.push(screen.paint('faint', `- ${safe(name)}`))
  for (const name of added) lines.push(screen.paint('strong', `+ ${safe(name)}`))
  let last = ''
  for (const change of diff.changes) {
    if (change.function !== last) lines.push(screen.paint('strong', safe(change.function)))
    last = change.function
    lines.push(...drawChange(change, screen))
  }
  for (const { function: name, databases } of diff.omitted) {
    lines.push(
      `${safe(name)}: ${databases} more databases were left out (at most ${MOST_DATABASES} a function)`,
    )
  }
  lines.push(
    `${diff.changes.length} of ${diff.paths} paths changed, of ${compared} functions in both; ${added.length} added, ${removed.length} removed`,
  )
  return `${lines.join('\n')}\n`
}

function drawChange({ to, changed, before, after }: ChangedPath, screen: Screen): readonly string[] {
  const style: Style =
    after === null || after.verdict === 'unknown' ? 'doubt' : after.verdict === 'unreachable' ? 'bad' : 'good'
  const lines = wrap(
    `${safe(to)}: ${verdictOf(before)} → ${verdictOf(after)}  (${changed.join(', ')})`,
    screen.columns - 4,
  ).map((line) => `  ${screen.paint(style, line)}`)
  const detail = (mark: string, texts: readonly string[]) => {
    for (const text of texts) {
      lines.push(
        ...wrap(`${mark} ${safe(text)}`, screen.columns - 6).map(
          (line) => `    ${screen.paint('faint', line)}`,
        ),
      )
    }
  }
  if (changed.includes('blockers') || changed.includes('appeared')) {
    detail('-', without(blockersOf(before), blockersOf(after)))
    detail('+', without(blockersOf(after), blockersOf(before)))
  }
  if (changed.includes('subnets')) {
    detail('-', without(subnetsOf(before), subnetsOf(after)))
    detail('+', without(subnetsOf(after), subnetsOf(before)))
  }
  if (changed.includes('route')) {
    detail('-', [`via ${before?.via.join(' ') ?? ''}`])
    detail('+', [`via ${after?.via.join(' ') ?? ''}`])
  }
  if (changed.includes('address'))
    detail('±', [`seen as ${before?.seenAs ?? 'none'} → ${after?.seenAs ?? 'none'}`])
  return lines
}

function verdictOf(path: PathSummary | null): string {
  return path?.verdict ?? 'not there'
}

function blockersOf(path: PathSummary | null): readonly string[] {
  return (path?.blockers ?? []).map(({ code, component, direction }) => `${code} ${component} (${direction})`)
}

function subnetsOf(path: PathSummary | null): readonly string[] {
  return (path?.subnets ?? []).map(({ subnet, verdict }) => `${subnet ?? 'no subnet'}: ${verdict}`)
}

function without(list: readonly string[], others: readonly string[]): readonly string[] {
  return list.filter((item) => !others.includes(item))
}
