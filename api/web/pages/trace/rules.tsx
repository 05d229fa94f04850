import { useState } from 'preact/hooks'
import type { Change } from '../../../diagnosis/diagnosis.js'
import type { AclEntryView, GroupRuleView, RuleSet } from '../../../network/map/rules.js'
import type { MapRoute } from '../../../network/map/subnets.js'
import { type Column, Table } from '../../ui/table.js'
import {
  aclProtocol,
  type Fields,
  groupProtocol,
  peerOf,
  peerText,
  portOf,
  portsText,
  targetOf,
} from './changes.js'
import type { TraceWords } from './en.js'
import { type Field, RuleForm } from './rule-form.js'

type Says = TraceWords['whatIf']

export interface RulesProps {
  readonly words: Says
  readonly onChange: (changes: readonly Change[]) => void
}

/** The rules of one component, each with what can be done about it. */
export function Rules({ set, words, onChange }: RulesProps & { readonly set: RuleSet }) {
  if (set.kind === 'security-group') return <GroupRules set={set} words={words} onChange={onChange} />
  if (set.kind === 'network-acl') return <AclEntries set={set} words={words} onChange={onChange} />
  return <Routes set={set} words={words} onChange={onChange} />
}

type Of<K extends RuleSet['kind']> = Extract<RuleSet, { kind: K }>

const groupFields = (words: Says): readonly Field[] => [
  {
    name: 'direction',
    label: words.direction,
    options: [
      ['ingress', words.ingress],
      ['egress', words.egress],
    ],
  },
  { name: 'protocol', label: words.protocol },
  { name: 'fromPort', label: words.fromPort, numeric: true },
  { name: 'toPort', label: words.toPort, numeric: true },
  { name: 'peer', label: words.peer, required: true, wide: true },
]

function GroupRules({ set, words, onChange }: RulesProps & { readonly set: Of<'security-group'> }) {
  const [edited, setEdited] = useState<GroupRuleView | 'new' | null>(null)
  const revoke = (rule: GroupRuleView): Change => ({
    kind: 'revoke-security-group',
    groupId: set.id,
    ...rule,
  })
  const authorize = (fields: Fields): Change => ({
    kind: 'authorize-security-group',
    groupId: set.id,
    direction: fields['direction'] === 'egress' ? 'egress' : 'ingress',
    protocol: groupProtocol(fields['protocol'] ?? 'tcp'),
    fromPort: portOf(fields['fromPort']),
    toPort: portOf(fields['toPort'] === '' ? fields['fromPort'] : fields['toPort']),
    peer: peerOf(fields['peer'] ?? ''),
  })
  const columns: readonly Column<GroupRuleView>[] = [
    { key: 'direction', title: words.direction, cell: ({ direction }) => words[direction] },
    {
      key: 'traffic',
      title: words.protocol,
      cell: ({ protocol, fromPort, toPort }) => (
        <code>
          {protocol === '-1' ? words.allTraffic : `${protocol} ${portsText(fromPort, toPort) || words.all}`}
        </code>
      ),
    },
    { key: 'peer', title: words.peer, cell: ({ peer }) => <code>{peerText(peer)}</code> },
    {
      key: 'act',
      title: words.acts,
      fit: 'narrow',
      cell: (rule) => (
        <span class="rule-acts">
          <Act label={words.edit} of={ruleText(rule)} onAct={() => setEdited(rule)} />
          <Act label={words.remove} of={ruleText(rule)} onAct={() => onChange([revoke(rule)])} />
        </span>
      ),
    },
  ]
  const given = edited === null || edited === 'new' ? NEW_RULE : fieldsOf(edited)
  return (
    <>
      <Table caption={`${words.rules} ${set.id}`} columns={columns} rows={set.rules} rowKey={ruleText} />
      {edited === null ? (
        <Act label={words.add} of={set.id} onAct={() => setEdited('new')} />
      ) : (
        <RuleForm
          key={edited === 'new' ? 'new' : ruleText(edited)}
          words={words}
          fields={groupFields(words)}
          given={given}
          onCancel={() => setEdited(null)}
          onApply={(fields) => {
            setEdited(null)
            onChange(edited === 'new' ? [authorize(fields)] : [revoke(edited), authorize(fields)])
          }}
        />
      )}
    </>
  )
}

const NEW_RULE: Fields = { direction: 'ingress', protocol: 'tcp', fromPort: '', toPort: '', peer: '' }

function fieldsOf({ direction, protocol, fromPort, toPort, peer }: GroupRuleView): Fields {
  const text = (port: number | null): string => (port === null ? '' : String(port))
  return { direction, protocol, fromPort: text(fromPort), toPort: text(toPort), peer: peerText(peer) }
}

function ruleText({ direction, protocol, fromPort, toPort, peer }: GroupRuleView): string {
  return [direction, protocol, portsText(fromPort, toPort), peerText(peer)].filter(Boolean).join(' ')
}

function AclEntries({ set, words, onChange }: RulesProps & { readonly set: Of<'network-acl'> }) {
  const [isAdding, setAdding] = useState(false)
  const columns: readonly Column<AclEntryView>[] = [
    { key: 'number', title: words.number, fit: 'narrow', cell: ({ ruleNumber }) => ruleNumber },
    {
      key: 'direction',
      title: words.direction,
      cell: ({ egress }) => (egress ? words.egress : words.ingress),
    },
    { key: 'action', title: words.action, cell: ({ action }) => words[action] },
    {
      key: 'traffic',
      title: words.protocol,
      cell: ({ protocol, fromPort, toPort, cidr }) => (
        <code>
          {[protocol === '-1' ? words.allTraffic : protocol, portsText(fromPort, toPort), cidr].join(' ')}
        </code>
      ),
    },
  ]
  const lowest = Math.min(...set.entries.map(({ ruleNumber }) => ruleNumber), 100)
  const given: Fields = {
    egress: 'ingress',
    ruleNumber: String(Math.max(1, lowest - 10)),
    action: 'deny',
    protocol: 'tcp',
    fromPort: '',
    toPort: '',
    cidr: '0.0.0.0/0',
  }
  const fields: readonly Field[] = [
    {
      name: 'egress',
      label: words.direction,
      options: [
        ['ingress', words.ingress],
        ['egress', words.egress],
      ],
    },
    { name: 'ruleNumber', label: words.number, numeric: true, required: true },
    {
      name: 'action',
      label: words.action,
      options: [
        ['allow', words.allow],
        ['deny', words.deny],
      ],
    },
    { name: 'protocol', label: words.protocol },
    { name: 'fromPort', label: words.fromPort, numeric: true },
    { name: 'toPort', label: words.toPort, numeric: true },
    { name: 'cidr', label: words.peer, required: true },
  ]
  return (
    <>
      <Table
        caption={`${words.rules} ${set.id}`}
        columns={columns}
        rows={set.entries}
        rowKey={({ egress, ruleNumber }) => `${egress} ${ruleNumber}`}
      />
      {isAdding ? (
        <RuleForm
          words={words}
          fields={fields}
          given={given}
          onCancel={() => setAdding(false)}
          onApply={(entered) => {
            setAdding(false)
            onChange([
              {
                kind: 'put-network-acl-entry',
                networkAclId: set.id,
                egress: entered['egress'] === 'egress',
                ruleNumber: Number(entered['ruleNumber']),
                action: entered['action'] === 'allow' ? 'allow' : 'deny',
                protocol: aclProtocol(entered['protocol'] ?? 'tcp'),
                cidr: (entered['cidr'] ?? '').trim(),
                fromPort: portOf(entered['fromPort']),
                toPort: portOf(entered['toPort'] === '' ? entered['fromPort'] : entered['toPort']),
              },
            ])
          }}
        />
      ) : (
        <Act label={words.add} of={set.id} onAct={() => setAdding(true)} />
      )}
    </>
  )
}

function Routes({ set, words, onChange }: RulesProps & { readonly set: Of<'route-table'> }) {
  const [edited, setEdited] = useState<MapRoute | 'new' | null>(null)
  const columns: readonly Column<MapRoute>[] = [
    { key: 'destination', title: words.destination, cell: ({ destination }) => <code>{destination}</code> },
    {
      key: 'target',
      title: words.target,
      cell: ({ target, state }) => (
        <>
          <code>{target}</code> {state === 'active' ? null : <span class="tag">{state}</span>}
        </>
      ),
    },
    {
      key: 'act',
      title: words.acts,
      fit: 'narrow',
      cell: (route) =>
        route.targetKind === 'local' ? null : (
          <Act label={words.edit} of={route.destination} onAct={() => setEdited(route)} />
        ),
    },
  ]
  const isNew = edited === 'new'
  const fields: readonly Field[] = [
    ...(isNew ? [{ name: 'destination', label: words.destination, required: true }] : []),
    { name: 'target', label: words.target, required: true, wide: true },
  ]
  return (
    <>
      <Table
        caption={`${words.rules} ${set.id}`}
        columns={columns}
        rows={set.routes}
        rowKey={({ destination }) => destination}
      />
      {edited === null ? (
        <Act label={words.add} of={set.id} onAct={() => setEdited('new')} />
      ) : (
        <RuleForm
          key={isNew ? 'new' : edited.destination}
          words={words}
          fields={fields}
          given={isNew ? { destination: '0.0.0.0/0', target: '' } : { target: edited.target }}
          onCancel={() => setEdited(null)}
          onApply={(entered) => {
            setEdited(null)
            onChange([
              {
                kind: 'put-route',
                routeTableId: set.id,
                destination: isNew ? (entered['destination'] ?? '').trim() : edited.destination,
                target: targetOf((entered['target'] ?? '').trim()),
                replace: !isNew,
              },
            ])
          }}
        />
      )}
    </>
  )
}

function Act({
  label,
  of,
  onAct,
}: {
  readonly label: string
  readonly of: string
  readonly onAct: () => void
}) {
  return (
    <button type="button" class="button button-small" aria-label={`${label}: ${of}`} onClick={onAct}>
      {label}
    </button>
  )
}
