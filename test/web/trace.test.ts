import { gzipSync, zipSync } from 'fflate'
import t from 'tap'
import { scenarioSnapshot, textsOf } from '../support/snapshots.js'
import { axe, noBrowser, openPage, startBrowser } from './support/browser.js'
import { startAccount, startSite } from './support/site.js'

const skip = noBrowser()
const HOSTILE = '"><img src=x onerror=alert(1)>'

t.test('trace', { skip }, async (t) => {
  const browser = await startBrowser(t)
  const site = await startAccount(t)
  const bare = await startSite(t)

  await t.test('by keyboard alone: ask, read what blocks, add a rule and see the path open', async (t) => {
    const { page } = await openPage(t, browser)
    await page.goto(`${site.url}/trace`)
    await page.getByText('Choose where a packet starts').waitFor()
    await axe(t, page, 'nothing asked')
    const take = async (field: string, text: string) => {
      await page.getByRole('combobox', { name: field, exact: true }).focus()
      await page.keyboard.type(text)
      await page.getByRole('option').first().waitFor()
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Enter')
    }
    await take('From', 'billing')
    await take('To', 'orders')
    t.equal(
      await page.getByLabel('Port', { exact: true }).inputValue(),
      '5432',
      'the port that the database has',
    )
    await page.getByRole('button', { name: 'Trace', exact: true }).press('Enter')
    await page.waitForURL(/from=billing-worker&to=rds%3Aorders&port=5432/)
    await page.getByText('The packet does not arrive').waitFor()
    await page.getByText('Broken here').waitFor()
    await page.getByRole('button', { name: 'Add: sg-000000000000000d1' }).press('Enter')
    await page.getByLabel('From port').fill('5432')
    await page.getByLabel('Range, group or list').fill('sg-000000000000000f2')
    await axe(t, page, 'a rule being written')
    await page.keyboard.press('Enter')
    await page.getByText('The packet arrives').waitFor()
    await page
      .getByRole('row', { name: /billing-worker and 1 more rds:orders Unreachable Reachable/ })
      .waitFor()
    await axe(t, page, 'what if')
    await page.getByRole('button', { name: 'Discard all' }).press('Enter')
    await page.getByText('No change yet.').waitFor()
    t.match(await site.bench.app.inject('/v1/snapshots').then((one) => one.json().items), { length: 1 })
  })

  await t.test('a rule of an ACL and a route, changed and removed', async (t) => {
    const { page } = await openPage(t, browser, { language: 'ko', theme: 'dark' })
    await page.goto(`${site.url}/trace?from=cart-api&to=internet&port=443`)
    await page.getByText('패킷이 도착합니다').waitFor()
    const outcome = page.locator('.what-if-outcome')
    const undo = async () => {
      await page.getByRole('button', { name: '모두 취소' }).click()
      await outcome.waitFor({ state: 'detached' })
    }
    await page.getByRole('button', { name: 'default acl-000000000000000a0', exact: true }).click()
    await page.getByRole('button', { name: '제거: 아웃바운드 100' }).click()
    await outcome.getByText('패킷이 도착하지 못합니다').waitFor()
    await outcome.getByText('SUBNET_ACL_RESTRICTION').first().waitFor()
    await page.getByText('− acl-000000000000000a0 아웃바운드 100').waitFor()
    t.equal(await page.getByRole('button', { name: '제거: 아웃바운드 100' }).count(), 0, 'removed once')
    await axe(t, page, 'a removed rule')
    await undo()
    await page.getByRole('button', { name: '수정: 인바운드 100' }).click()
    await page.getByLabel('프로토콜').last().fill('tcp')
    await page.getByLabel('시작 포트').fill('443')
    await page.keyboard.press('Enter')
    await outcome.getByText('패킷이 도착하지 못합니다').waitFor()
    await undo()
    await page.getByRole('button', { name: 'private-a rtb-00000000000000a11', exact: true }).click()
    t.equal(await page.getByRole('button', { name: '제거: 10.0.0.0/16' }).count(), 0, 'the local route stays')
    await page.getByRole('button', { name: '제거: 0.0.0.0/0' }).click()
    await outcome.getByText('NO_ROUTE_TO_DESTINATION').first().waitFor()
    await page.getByText('− rtb-00000000000000a11 0.0.0.0/0').waitFor()
  })

  await t.test('what can not be asked is told in place', async (t) => {
    const { page } = await openPage(t, browser, { expects: /400/ })
    await page.goto(`${site.url}/trace?from=nobody&to=internet`)
    await page.getByText(/no function nobody/).waitFor()
    await axe(t, page, 'a question that is refused')
  })

  await t.test(
    'a dropped archive is read without an account, hostile names and a broken file in it',
    async (t) => {
      const { page } = await openPage(t, browser, {
        language: 'ko',
        theme: 'dark',
        width: 390,
        expects: /409/,
      })
      await page.goto(`${bare.url}/trace`)
      await page.getByText('아직 알려진 구성이 없습니다').waitFor()
      const files = textsOf(await scenarioSnapshot('S3'))
      const evil = JSON.stringify(HOSTILE).slice(1, -1)
      const renamed = Object.entries(files).map(([name, body]) => [
        `snapshot/${name}`,
        new TextEncoder().encode(body.replaceAll('orders-api', evil)),
      ])
      const archive = zipSync({
        ...Object.fromEntries(renamed),
        'snapshot/describe-nat-gateways.json': new TextEncoder().encode('{"NatGateways": ['),
        [`snapshot/describe-${HOSTILE.replaceAll('/', '')}.json`]: new TextEncoder().encode('{}'),
      })
      await page.evaluate(
        (bytes) => {
          const transfer = new DataTransfer()
          transfer.items.add(new File([new Uint8Array(bytes)], 'snapshot.zip'))
          const target = document.querySelector('.drop')
          for (const type of ['dragover', 'drop'])
            target?.dispatchEvent(
              new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }),
            )
        },
        [...archive],
      )
      await page.waitForURL(/snapshot=draft-/)
      await page.getByText('describe-nat-gateways.json/NatGateways/0').waitFor()
      t.equal(await page.locator('img[src="x"]').count(), 0)
      await axe(t, page, 'problems of a dropped snapshot')
      const query = new URLSearchParams({
        from: 'subnet-00000000000000a11+sg-000000000000000f1',
        to: 'rds:orders',
      })
      const draft = new URL(page.url()).searchParams.get('snapshot') ?? ''
      await page.goto(`${bare.url}/trace?${query}&snapshot=${draft}`)
      await page.getByText('패킷이 도착하지 못합니다').waitFor()
      t.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390)
      await axe(t, page, 'trace of a dropped snapshot, narrow')
      await page.goto(`${bare.url}/map?snapshot=${draft}`)
      await page
        .getByRole('button', { name: /onerror/ })
        .first()
        .waitFor()
      t.equal(await page.locator('img[src="x"]').count(), 0)
      t.equal(
        (await bare.bench.app.inject('/v1/network')).statusCode,
        409,
        'it did not become the configuration',
      )
    },
  )

  await t.test('a file that is no snapshot, and one that is no archive', async (t) => {
    const { page } = await openPage(t, browser, { expects: /40[09]/ })
    await page.goto(`${bare.url}/trace`)
    const field = page.locator('input[type="file"]').nth(1)
    await field.setInputFiles({
      name: 'cut.tgz',
      mimeType: 'application/gzip',
      buffer: Buffer.from(gzipSync(new Uint8Array(2000)).subarray(0, 12)),
    })
    await page.getByText('cut.tgz is not a whole archive.').waitFor()
    await field.setInputFiles({ name: 'notes.json', mimeType: 'application/json', buffer: Buffer.from('[1') })
    await page
      .getByText(/notes\.json/)
      .last()
      .waitFor()
    await axe(t, page, 'refused files')
  })
})
