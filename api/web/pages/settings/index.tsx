import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import type { Settings as SettingsView } from '../../../routes/settings.js'
import { useShell, useTitle, useWords } from '../../context.js'
import { useLoad } from '../../data/use-load.js'
import { CodeBlock } from '../../ui/copy.js'
import { Facts } from '../../ui/facts.js'
import { Empty, Loaded } from '../../ui/notice.js'
import { type Column, Table } from '../../ui/table.js'
import { en, type SettingsWords } from './en.js'
import { ko } from './ko.js'

/** The configuration as it may be shown; nothing here can be changed. */
export default function Settings() {
  const words = useWords({ en, ko })
  const { client } = useShell()
  useTitle(words.title)
  const load = useLoad('settings', (signal) => client.get<SettingsView>('/v1/settings', { signal }))
  return (
    <div class="list-page">
      <div class="page-head">
        <h1>{words.title}</h1>
        <p class="page-about">{words.about}</p>
      </div>
      {load.problem?.kind === 'forbidden' ? (
        <Empty title={words.title}>{words.forbidden}</Empty>
      ) : load.problem?.kind === 'missing' ? (
        <Empty title={words.none} />
      ) : (
        <Loaded load={load} rows={12}>
          {(settings) => <Sections settings={settings} words={words} />}
        </Loaded>
      )}
    </div>
  )
}

interface SectionProps {
  readonly settings: SettingsView
  readonly words: SettingsWords
}

function Sections({ settings, words }: SectionProps) {
  const { sections } = words
  return (
    <div class="settings">
      <Section title={sections.server}>
        <Server settings={settings} words={words} />
      </Section>
      <Section title={sections.sources}>
        <Sources settings={settings} words={words} />
      </Section>
      <Section title={sections.network}>
        <Network settings={settings} words={words} />
      </Section>
      <Section title={sections.policy}>
        <Facts
          facts={[
            [words.policy.flip, settings.policy.flipAfter],
            [words.policy.interval, words.policy.seconds(settings.policy.intervalMs / 1000)],
          ]}
        />
      </Section>
      <Section title={sections.retention}>
        <Retention settings={settings} words={words} />
      </Section>
      <Section title={sections.embed}>
        <Embed words={words} />
      </Section>
      <Section title={sections.tokens} wide>
        <Tokens settings={settings} words={words} />
      </Section>
    </div>
  )
}

function Section({
  title,
  wide = false,
  children,
}: {
  readonly title: string
  readonly wide?: boolean
  readonly children: ComponentChildren
}) {
  const id = useId()
  return (
    <section
      class={wide ? 'card settings-section settings-wide' : 'card settings-section'}
      aria-labelledby={id}
    >
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  )
}

function Server({ settings, words }: SectionProps) {
  const { about, language } = useShell()
  const { server } = settings
  const says = words.server
  const mebibytes = new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(
    server.maxBodyBytes / 1024 / 1024,
  )
  const yesNo = (value: boolean) => (value ? words.yes : words.no)
  return (
    <Facts
      facts={[
        [says.version, about?.version ?? ''],
        [words.file, settings.file === null ? words.noFile : <code>{settings.file}</code>],
        [says.listens, <code key="listens">{`${server.host}:${server.port}`}</code>],
        [says.auth, settings.auth === 'open' ? says.authOpen : says.authToken],
        [says.data, <code key="data">{settings.data}</code>],
        [says.requests, server.requestsPerMinute.toLocaleString(language)],
        [says.body, `${mebibytes} MiB`],
        [says.proxy, yesNo(server.trustProxy)],
        [says.badges, yesNo(server.publicBadges)],
        [says.log, <code key="log">{settings.logLevel}</code>],
      ]}
    />
  )
}

function Sources({ settings, words }: SectionProps) {
  const { folders, cloudwatch, firehose } = settings.sources
  const says = words.sources
  return (
    <Facts
      facts={[
        [says.http, <code key="http">{says.httpAlways}</code>],
        [
          says.cloudwatch,
          cloudwatch.length === 0
            ? says.none
            : cloudwatch.map(({ region, logGroups, pollMs }) => (
                <div key={region}>
                  {region}: <code>{logGroups.join(', ')}</code>{' '}
                  <span class="count">{says.every(pollMs / 1000)}</span>
                </div>
              )),
        ],
        [says.firehose, firehose ? says.firehoseOn : says.firehoseOff],
        [
          says.folders,
          folders.length === 0
            ? says.none
            : folders.map((path) => (
                <div key={path}>
                  <code>{path}</code>
                </div>
              )),
        ],
      ]}
    />
  )
}

function Network({ settings, words }: SectionProps) {
  const { inventory, snapshots, declaredFunctions } = settings
  const says = words.network
  return (
    <Facts
      facts={[
        [
          says.inventory,
          inventory === null ? (
            says.none
          ) : (
            <>
              {inventory.regions.join(', ')}{' '}
              <span class="count">{says.every(inventory.everyMs / 60_000)}</span>
            </>
          ),
        ],
        [says.folder, snapshots === null ? says.notFollowed : <code>{snapshots}</code>],
        [says.declared, declaredFunctions],
      ]}
    />
  )
}

function Retention({ settings, words }: SectionProps) {
  const { retention } = settings
  const says = words.retention
  return (
    <Facts
      facts={[
        [says.results, says.nDays(retention.resultsDays)],
        [says.minutes, says.nDays(retention.minuteRollupsDays)],
        [says.hours, says.nDays(retention.hourRollupsDays)],
        [says.days, says.nDays(retention.dayRollupsDays)],
        [says.incidents, says.nDays(retention.incidentsDays)],
        [says.rejects, says.nItems(retention.maxRejects)],
        [says.events, says.nItems(retention.maxEvents)],
      ]}
    />
  )
}

function Embed({ words }: { readonly words: SettingsWords }) {
  const says = words.embed
  const { origin } = window.location
  return (
    <>
      <p class="settings-text">{says.all}</p>
      <CodeBlock text={`![Sonde](${origin}/v1/badge.svg)`} of={says.all} />
      <p class="settings-text">{says.metrics}</p>
      <CodeBlock text={`${origin}/metrics`} of={says.metrics} />
      <p class="count">{says.dashboards}</p>
      <p class="settings-text">
        <a href="/docs">{says.reference}</a>
      </p>
    </>
  )
}

type Token = SettingsView['tokens'][number]

function Tokens({ settings, words }: SectionProps) {
  const { language } = useShell()
  const says = words.tokens
  if (settings.tokens.length === 0) return <p class="settings-text">{says.none}</p>
  const columns: readonly Column<Token>[] = [
    { key: 'name', title: says.name, cell: ({ name }) => name },
    {
      key: 'scopes',
      title: says.scopes,
      cell: ({ scopes }) => (
        <span class="tag-row">
          {scopes.map((scope) => (
            <span key={scope} class="tag">
              {scope}
            </span>
          ))}
        </span>
      ),
    },
    {
      key: 'limit',
      title: says.limit,
      fit: 'number',
      cell: ({ requestsPerMinute }) =>
        (requestsPerMinute ?? settings.server.requestsPerMinute).toLocaleString(language),
    },
    {
      key: 'secret',
      title: says.secret,
      fit: 'narrow',
      cell: () => (
        <>
          <span class="visually-hidden">{says.hiddenWord}</span>
          <span class="count" aria-hidden="true">
            {says.hidden}
          </span>
        </>
      ),
    },
  ]
  return <Table caption={says.caption} columns={columns} rows={settings.tokens} rowKey={({ name }) => name} />
}
