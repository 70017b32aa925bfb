import { mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { api } from '@/api/client'
import type { AccountSection, Bootstrap, Maintenance, WalletSource } from '@/api/types'
import HomeSection from '@/components/HomeSection.vue'
import { sourceNotes } from '@/lib/licence'
import { maintenanceText } from '@/lib/maintenance'
import { useBootstrap } from '@/stores/bootstrap'

const NOW = Date.parse('2026-11-23T10:00:00+08:00')
const announced = (change: Partial<Maintenance> = {}): Maintenance => ({
  system: 'gd-yibao',
  starts_at: '2026-11-23T22:00:00+08:00',
  ends_at: '2026-11-23T23:30:00+08:00',
  words: '系统升级',
  ...change,
})

describe('announced maintenance', () => {
  it('is said a day ahead, of its own system alone', () => {
    expect(maintenanceText([announced()], 'gd-yibao', NOW)).toBe('今天 22:00 至 23:30 系统维护（系统升级）')
    expect(maintenanceText([announced({ words: '' })], 'gd-yibao', NOW)).toBe('今天 22:00 至 23:30 系统维护')
    expect(maintenanceText([announced({ words: '机房检修。' })], 'gd-yibao', NOW)).toBe('今天 22:00 至 23:30 系统维护（机房检修）')
    expect(maintenanceText([announced({ ends_at: '2026-11-24T02:00:00+08:00' })], 'gd-yibao', NOW)).toBe('今天 22:00 至明天 02:00 系统维护（系统升级）')
    expect(maintenanceText([announced()], 'gd-renshe', NOW)).toBe('')
    expect(maintenanceText([announced({ starts_at: '2026-11-25T22:00:00+08:00', ends_at: '2026-11-25T23:00:00+08:00' })], 'gd-yibao', NOW)).toBe('')
  })

  it('says until when while it runs, and nothing after it', () => {
    const running = announced({ starts_at: '2026-11-23T09:00:00+08:00', ends_at: '2026-11-23T18:00:00+08:00' })
    expect(maintenanceText([announced(), running], 'gd-yibao', NOW)).toBe('系统维护中，预计今天 18:00 恢复（系统升级）')
    expect(maintenanceText([announced({ starts_at: '2026-11-23T01:00:00+08:00', ends_at: '2026-11-23T05:00:00+08:00' })], 'gd-yibao', NOW)).toBe('')
  })

  it('is silent when nothing is known', () => {
    expect(maintenanceText(undefined, 'gd-yibao', NOW)).toBe('')
    expect(maintenanceText([announced({ starts_at: 'soon', ends_at: 'later' })], undefined, NOW)).toBe('')
  })
})

describe('the note of a section', () => {
  const NOTE = '医保系统维护中，预计 18:00 恢复，显示昨天 18:20 的数据'
  const base: AccountSection = {
    code: 'medical',
    kind: 'account',
    title: '医疗保险',
    status: 'fresh',
    as_of: new Date(Date.now() - 180_000).toISOString(),
    source: { code: 'gd-yibao', name: '医保局' },
    reason: null,
    required_level: null,
    headline: { label: '账户余额', value: '1,204.50', unit: '元' },
    lines: [],
    count: null,
    items: [],
  }
  const show = (change: Partial<AccountSection>) =>
    mount(HomeSection, { props: { section: { ...base, ...change }, retrying: false } }).text()

  afterEach(() => vi.restoreAllMocks())

  it('takes the place of the usual words over old data and over none', () => {
    const old = show({ status: 'stale', note: NOTE })
    expect(old).toContain(NOTE)
    expect(old).not.toContain('没有回应')
    const none = show({ status: 'unavailable', headline: null, note: '医保系统维护中，预计 18:00 恢复', reason: '医保局系统暂时不可用，请稍后再试' })
    expect(none).toContain('预计 18:00 恢复')
    expect(none).not.toContain('请稍后再试')
  })

  it('stands below new data, whose age is still said', () => {
    expect(show({ note: '今晚 22:00 起维护' })).toMatch(/更新于 3 分钟前.*今晚 22:00 起维护/s)
  })

  it('is not missed where the gateway sends none', () => {
    expect(show({})).toMatch(/更新于 3 分钟前$/)
    expect(show({ note: null, status: 'stale' })).toContain('系统暂时没有回应')
  })

  it('gives way to what was announced only where there is none', async () => {
    const hour = 3600_000
    const at = (ms: number) => new Date(Date.now() + ms).toISOString()
    const data = { maintenance: [announced({ starts_at: at(-hour), ends_at: at(hour) })] } as unknown as Bootstrap
    vi.spyOn(api, 'get').mockResolvedValue(data)
    await useBootstrap().load(true)
    expect(show({})).toMatch(/更新于 3 分钟前.*系统维护中，预计/s)
    expect(show({ note: NOTE, status: 'stale' })).not.toContain('系统升级')
    expect(show({ source: { code: 'gd-renshe', name: '人社厅' } })).not.toContain('维护')
    expect(show({ status: 'locked', required_level: 3 })).not.toContain('维护')
  })

  it('speaks for an issuer in the wallet too', () => {
    const source = (change: Partial<WalletSource>): WalletSource => ({ code: 'gd-yibao', name: '医保局', status: 'stale', as_of: null, ...change })
    expect(sourceNotes([source({ note: NOTE })])[0].text).toBe(NOTE)
    expect(sourceNotes([source({ status: 'unavailable', note: null })])[0].text).toContain('医保局暂时不可用')
    expect(sourceNotes([source({ status: 'fresh', note: '今晚 22:00 起维护' })])).toEqual([])
  })
})
