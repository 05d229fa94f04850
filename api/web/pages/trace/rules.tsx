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
  portText,
  protocolName,
  type RuleWords,
  targetOf,
} from './changes.js'
import type { TraceWords } from './en.js'
import { type Field, RuleForm } from './rule-form.js'

type Says = TraceWords['whatIf']

export interface RulesProps {
  readonly words: Says
  /** What has been changed so far. */
  readonly changes: readonly Change[]
  readonly onChange: (changes: readonly Change[]) => void
}

/** The rules of one component, each with what can be done about it. */
export function Rules({ set, ...props }: RulesProps & { readonly set: RuleSet }) {
  if (set.kind === 'security-group') return <GroupRules set={set} {...props} />
  if (set.kind === 'network-acl') return <AclEntries set={set} {...props} />
  return <Routes set={set} {...props} />
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

function GroupRules({ set, words, changes, onChange }: RulesProps & { readonly set: Of<'security-group'> }) {
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
        <Acts
          words={words}
          of={ruleText(rule, words)}
          removal={revoke(rule)}
          changes={changes}
          onEdit={() => setEdited(rule)}
          onChange={onChange}
        />
      ),
    },
  ]
  const given = edited === null || edited === 'new' ? NEW_RULE : fieldsOf(edited)
  return (
    <>
      <Table
        caption={`${words.rules} ${set.id}`}
        columns={columns}
        rows={set.rules}
        rowKey={(rule) => ruleText(rule, words)}
      />
      {edited === null ? (
        <Act label={words.add} of={set.id} onAct={() => setEdited('new')} />
      ) : (
        <RuleForm
          key={edited === 'new' ? 'new' : ruleText(edited, words)}
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
  return { direction, protocol, fromPort: portText(fromPort), toPort: portText(toPort), peer: peerText(peer) }
}

function ruleText({ direction, protocol, fromPort, toPort, peer }: GroupRuleView, words: RuleWords): string {
  const traffic = protocol === '-1' ? words.allTraffic : protocol
  return [words[direction], traffic, portsText(fromPort, toPort), peerText(peer)].filter(Boolean).join(' ')
}

function AclEntries({ set, words, changes, onChange }: RulesProps & { readonly set: Of<'network-acl'> }) {
  const [edited, setEdited] = useState<AclEntryView | 'new' | null>(null)
  const remove = ({ egress, ruleNumber }: AclEntryView): Change => ({
    kind: 'delete-network-acl-entry',
    networkAclId: set.id,
    egress,
    ruleNumber,
  })
  const put = (fields: Fields): Change => ({
    kind: 'put-network-acl-entry',
    networkAclId: set.id,
    egress: fields['egress'] === 'egress',
    ruleNumber: Number(fields['ruleNumber']),
    action: fields['action'] === 'allow' ? 'allow' : 'deny',
    protocol: aclProtocol(fields['protocol'] ?? 'tcp'),
    cidr: (fields['cidr'] ?? '').trim(),
    fromPort: portOf(fields['fromPort']),
    toPort: portOf(fields['toPort'] === '' ? fields['fromPort'] : fields['toPort']),
  })
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
          {[
            protocol === '-1' ? words.allTraffic : protocolName(protocol),
            portsText(fromPort, toPort),
            cidr,
          ].join(' ')}
        </code>
      ),
    },
    {
      key: 'act',
      title: words.acts,
      fit: 'narrow',
      cell: (entry) => (
        <Acts
          words={words}
          of={entryText(entry, words)}
          removal={remove(entry)}
          changes={changes}
          onEdit={() => setEdited(entry)}
          onChange={onChange}
        />
      ),
    },
  ]
  const lowest = Math.min(...set.entries.map(({ ruleNumber }) => ruleNumber), 100)
  const given: Fields =
    edited === null || edited === 'new'
      ? {
          egress: 'ingress',
          ruleNumber: String(Math.max(1, lowest - 10)),
          action: 'deny',
          protocol: 'tcp',
          fromPort: '',
          toPort: '',
          cidr: '0.0.0.0/0',
        }
      : entryFields(edited)
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
      {edited === null ? (
        <Act label={words.add} of={set.id} onAct={() => setEdited('new')} />
      ) : (
        <RuleForm
          key={edited === 'new' ? 'new' : entryText(edited, words)}
          words={words}
          fields={fields}
          given={given}
          onCancel={() => setEdited(null)}
          onApply={(entered) => {
            setEdited(null)
            onChange(edited === 'new' ? [put(entered)] : [remove(edited), put(entered)])
          }}
        />
      )}
    </>
  )
}

function entryFields(entry: AclEntryView): Fields {
  const { egress, ruleNumber, action, protocol, cidr, fromPort, toPort } = entry
  return {
    egress: egress ? 'egress' : 'ingress',
    ruleNumber: String(ruleNumber),
    action,
    protocol: protocolName(protocol),
    fromPort: portText(fromPort),
    toPort: portText(toPort),
    cidr,
  }
}

function entryText({ egress, ruleNumber }: AclEntryView, words: RuleWords): string {
  return `${egress ? words.egress : words.ingress} ${ruleNumber}`
}

function Routes({ set, words, changes, onChange }: RulesProps & { readonly set: Of<'route-table'> }) {
  const [edited, setEdited] = useState<MapRoute | 'new' | null>(null)
  const remove = ({ destination }: MapRoute): Change => ({
    kind: 'delete-route',
    routeTableId: set.id,
    destination,
  })
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
        isKept(route) ? null : (
          <Acts
            words={words}
            of={route.destination}
            removal={remove(route)}
            changes={changes}
            onEdit={() => setEdited(route)}
            onChange={onChange}
          />
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

/** A route that AWS lets nobody change: the VPC's own, a gateway endpoint's, one that is propagated. */
function isKept({ targetKind, destination, propagated }: MapRoute): boolean {
  return (
    targetKind === 'local' || propagated || (targetKind === 'vpc-endpoint' && destination.startsWith('pl-'))
  )
}

/** What can be done about a rule, until it has been done. */
function Acts({
  words,
  of,
  removal,
  changes,
  onEdit,
  onChange,
}: RulesProps & { readonly of: string; readonly removal: Change; readonly onEdit: () => void }) {
  const isGone = changes.some((change) => JSON.stringify(change) === JSON.stringify(removal))
  if (isGone) return <span class="tag">{words.removed}</span>
  return (
    <span class="rule-acts">
      <Act label={words.edit} of={of} onAct={onEdit} />
      <Act label={words.remove} of={of} onAct={() => onChange([removal])} />
    </span>
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
