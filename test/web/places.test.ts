import fc from 'fast-check'
import t from 'tap'
import { look } from '../../api/web/data/news.js'
import { isAstray, placeIn } from '../../api/web/pages/overview/places.js'

// How lists that are shown follow lists that change: nothing that is shown moves, and what is left out is told.

interface Item {
  readonly id: string
  readonly version: number
}

const idOf = ({ id }: Item): string => id
const ids = (items: readonly Item[]): readonly string[] => items.map(idOf)
const list = (maxLength = 12) =>
  fc.uniqueArray(fc.record({ id: fc.constantFrom(...'abcdefghijklmnop'), version: fc.nat(3) }), {
    selector: idOf,
    maxLength,
  })

t.test('what is over keeps its place, and what is new comes last', async (t) => {
  fc.assert(
    fc.property(list(), list(), (before, now) => {
      const first = placeIn([], before, idOf)
      const places = placeIn(first, now, idOf)
      if (now.length === 0) return places.length === 0
      const kept = places.slice(0, before.length)
      const added = places.slice(before.length)
      const present = new Map(now.map((item) => [item.id, item]))
      return (
        kept.every(
          ({ id, item, over }, index) =>
            id === before[index]?.id && over === !present.has(id) && (over || item === present.get(id)),
        ) &&
        added.every(({ item, over }) => !over && !ids(before).includes(item.id)) &&
        places.filter(({ over }) => !over).length === now.length
      )
    }),
  )
  t.same(
    placeIn(placeIn([], [{ id: 'a', version: 0 }], idOf), [{ id: 'b', version: 0 }], idOf).map(
      ({ id, over }) => `${id} ${over}`,
    ),
    ['a true', 'b false'],
  )
})

t.test('only what is the list in its order is not astray', async (t) => {
  fc.assert(
    fc.property(list(), list(), (before, now) => {
      const places = placeIn(placeIn([], before, idOf), now, idOf)
      const same = JSON.stringify(places.map(({ item }) => item)) === JSON.stringify(now)
      return isAstray(places, now, idOf) === !same && !isAstray(placeIn([], now, idOf), now, idOf)
    }),
  )
  t.ok(isAstray(placeIn([], [{ id: 'a', version: 0 }], idOf), [], idOf))
})

t.test(
  'a list that is read by pages counts what came and what went as far as its first page tells',
  async (t) => {
    fc.assert(
      fc.property(list(), list(6), fc.boolean(), (shown, items, more) => {
        const found = look(shown, { items, nextCursor: more ? 'next' : null }, idOf)
        const missing = shown.filter(({ id }) => !ids(items).includes(id)).length
        return (
          ids(found.items).join() === ids(shown).join() &&
          found.items.every(
            (item, index) => item === (items.find(({ id }) => id === item.id) ?? shown[index]),
          ) &&
          found.news.came === items.filter(({ id }) => !ids(shown).includes(id)).length &&
          (more ? found.news.went <= missing : found.news.went === missing)
        )
      }),
    )
    const page = (text: string, nextCursor: string | null) => ({
      items: [...text].map((id) => ({ id, version: 1 })),
      nextCursor,
    })
    const shown = page('abcd', null).items
    t.same(
      look(shown, page('xab', 'more'), idOf).news,
      { came: 1, orMore: false, went: 0 },
      'beyond the page nothing is known',
    )
    t.same(look(shown, page('acx', 'more'), idOf).news, { came: 1, orMore: false, went: 1 })
    t.same(look(shown, page('xyz', 'more'), idOf).news, { came: 3, orMore: true, went: 0 })
    t.same(look(shown, page('xyz', null), idOf).news, { came: 3, orMore: false, went: 4 })
  },
)
