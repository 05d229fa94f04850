import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parse, stringify } from 'yaml'
import { newToken } from '../../api/auth.js'
import { listen, report, result, START, startApi, takeIn, until } from '../support/api.js'

const FOLDER = join(process.cwd(), 'infra/grafana')
const found = (program: string) => spawnSync(program, ['--version']).error === undefined
const missing = found('prometheus') && found('promtool') ? false : 'prometheus and promtool are not installed'

interface Panel {
  readonly id: number
  readonly title: string
  readonly type: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly expr: string }[]
}

const dashboard = async (): Promise<{
  readonly uid: string
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] }
}> => JSON.parse(await readFile(join(FOLDER, 'dashboard.json'), 'utf8'))

/** What Grafana fills in before it asks. */
const filled = (expr: string) =>
  expr.replaceAll('$job', '.*').replaceAll('$function', '.*').replaceAll('$__rate_interval', '1m')

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** A real Prometheus that scrapes `url` each second with the token; closed with the test. */
async function startPrometheus(t: Test, url: string, token: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-prometheus-'))
  const tokenFile = join(folder, 'token')
  await writeFile(tokenFile, token, { mode: 0o600 })
  const written = parse(await readFile(join(FOLDER, 'prometheus.yml'), 'utf8'))
  const [job] = written.scrape_configs
  const config = {
    rule_files: [join(FOLDER, 'alerts.yml')],
    scrape_configs: [
      {
        ...job,
        scrape_interval: '1s',
        authorization: { credentials_file: tokenFile },
        static_configs: [{ targets: [new URL(url).host] }],
      },
    ],
  }
  await writeFile(join(folder, 'prometheus.yml'), stringify(config))
  const port = await freePort()
  const prometheus = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  )
  t.teardown(async () => {
    const ended = once(prometheus, 'exit')
    prometheus.kill()
    await ended
    await rm(folder, { recursive: true, force: true })
  })
  return `http://127.0.0.1:${port}`
}

t.test(
  'the rules are valid, and each alert fires when it should and only then',
  { skip: missing },
  async (t) => {
    for (const args of [
      ['check', 'rules', join(FOLDER, 'alerts.yml')],
      ['test', 'rules', join(FOLDER, 'alerts.test.yml')],
    ]) {
      const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' })
      t.equal(status, 0, `promtool ${args.slice(0, 2).join(' ')}: ${stdout}${stderr}`)
    }
    const rules = await readFile(join(FOLDER, 'alerts.yml'), 'utf8')
    const tests = await readFile(join(FOLDER, 'alerts.test.yml'), 'utf8')
    for (const [, name = ''] of rules.matchAll(/alert: (\w+)/g)) t.match(tests, `alertname: ${name}`, name)
  },
)

t.test('the dashboard is one that Grafana can place', async (t) => {
  const { uid, panels, templating } = await dashboard()
  t.equal(uid, 'sonde')
  t.equal(new Set(panels.map(({ id }) => id)).size, panels.length, 'each panel has an id of its own')
  t.same(
    templating.list.map(({ name }) => name),
    ['datasource', 'job', 'function'],
  )
  const cells = new Set<string>()
  for (const { title, gridPos } of panels) {
    t.ok(gridPos.x + gridPos.w <= 24, title)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        if (cells.has(`${x} ${y}`)) t.fail(`${title} lies over another panel`)
        cells.add(`${x} ${y}`)
      }
    }
  }
})

t.test(
  'a real Prometheus scrapes a real Sonde, and every query of dashboard and rules is answered',
  { skip: missing },
  async (t) => {
    const { token, hash } = newToken()
    const tokens = [{ name: 'prometheus', hash, scopes: ['read' as const] }]
    const api = await startApi({ auth: { mode: 'token', tokens } })
    t.teardown(api.close)
    for (const second of [0, 1, 2]) {
      const at = new Date(START.getTime() + second * 1000)
      const results = [result('db', 'connect_timeout'), result('say "hi"')]
      await takeIn(api, report({ run: `r${second}`, at, results, workloads: ['orders', 'we"ird\\{name}'] }))
    }
    const url = await listen(api.app)
    const prometheus = await startPrometheus(t, url, token)
    const ask = async (
      query: string,
    ): Promise<{ status: string; data: { result: { metric: object }[] } }> => {
      const answer = await fetch(`${prometheus}/api/v1/query?query=${encodeURIComponent(query)}`)
      return answer.json()
    }
    // Two scrapes, so that rates have something to compare.
    await until(async () => {
      const answer = await ask('count_over_time(sonde_build_info[1m]) >= 3').catch(() => null)
      await new Promise((resolve) => setTimeout(resolve, 200))
      return (answer?.data?.result.length ?? 0) > 0
    })

    const { panels, templating } = await dashboard()
    // What may rightly be empty in a Sonde that has nothing to hide and nothing rejected.
    const mayBeEmpty = /sonde_metrics_omitted/
    for (const { title, targets } of panels) {
      for (const { expr } of targets ?? []) {
        const answer = await ask(filled(expr))
        t.equal(answer.status, 'success', `${title}: ${expr}`)
        if (!mayBeEmpty.test(expr)) t.ok(answer.data.result.length > 0, `${title} shows something: ${expr}`)
      }
    }
    for (const { name, definition } of templating.list) {
      const match = /^label_values\((.+), (\w+)\)$/.exec(definition ?? '')
      if (match === null) continue
      const answer = await ask(filled(match[1] ?? ''))
      t.ok(
        answer.data.result.every(({ metric }) => (match[2] ?? '') in metric),
        `variable ${name}`,
      )
      t.ok(answer.data.result.length > 0, `variable ${name}`)
    }
    const rules = parse(await readFile(join(FOLDER, 'alerts.yml'), 'utf8'))
    for (const { alert, expr } of rules.groups.flatMap((group: { rules: object[] }) => group.rules)) {
      t.equal((await ask(expr)).status, 'success', alert)
    }
    const failing = await ask('max by (job, function) (sonde_function_status{status="failing"}) == 1')
    t.equal(failing.data.result.length, 2, 'both functions, however they are called')
  },
)
