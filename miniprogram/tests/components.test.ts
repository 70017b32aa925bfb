import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { Problem } from '@/api/problem'
import AppButton from '@/components/AppButton.vue'
import ConfirmSheet from '@/components/ConfirmSheet.vue'
import FormField from '@/components/FormField.vue'
import FreshnessNote from '@/components/FreshnessNote.vue'
import HomeSection from '@/components/HomeSection.vue'
import AppIcon from '@/components/AppIcon.vue'
import StateBlock from '@/components/StateBlock.vue'
import Tappable from '@/components/Tappable.vue'
import type { AccountSection } from '@/api/types'

describe('AppButton', () => {
  it('answers to tap, Enter and Space', async () => {
    const button = mount(AppButton, { slots: { default: '登录' } })
    await button.trigger('click')
    await button.trigger('keydown', { key: 'Enter' })
    await button.trigger('keydown', { key: ' ' })
    expect(button.emitted('press')).toHaveLength(3)
    expect(button.attributes()).toMatchObject({ role: 'button', tabindex: '0' })
  })

  it.each([{ disabled: true, busy: false }, { disabled: false, busy: true }])('takes no press when %o, and says so', async (props) => {
    const button = mount(AppButton, { props, slots: { default: '登录' } })
    await button.trigger('click')
    await button.trigger('keydown', { key: 'Enter' })
    expect(button.emitted('press')).toBeUndefined()
    expect(button.attributes('aria-disabled')).toBe('true')
  })
})

describe('Tappable', () => {
  it('has a role and states for screen readers', () => {
    const box = mount(Tappable, { props: { role: 'checkbox', checked: false, label: '同意' } })
    expect(box.attributes()).toMatchObject({ role: 'checkbox', 'aria-checked': 'false', 'aria-label': '同意' })
    expect(mount(Tappable, { props: { role: 'link', current: true } }).attributes('aria-current')).toBe('page')
  })

  it('takes Space as a button and not as a link', async () => {
    const [button, link] = [mount(Tappable), mount(Tappable, { props: { role: 'link' } })]
    await button.trigger('keydown', { key: ' ' })
    await link.trigger('keydown', { key: ' ' })
    await link.trigger('keydown', { key: 'Enter' })
    expect(button.emitted('press')).toHaveLength(1)
    expect(link.emitted('press')).toHaveLength(1)
  })

  it('cannot be reached when it is disabled', async () => {
    const row = mount(Tappable, { props: { disabled: true } })
    await row.trigger('click')
    expect(row.emitted('press')).toBeUndefined()
    expect(row.attributes('tabindex')).toBe('-1')
  })
})

describe('StateBlock', () => {
  const words = (problem: Problem) => mount(StateBlock, { props: { problem } }).text()

  it('finds words and a way out for every kind of refusal', () => {
    expect(words(new Problem({ status: 0, code: 'client.offline' }))).toContain('没有连上网络')
    expect(words(new Problem({ status: 0, code: 'client.offline' })).match(/没有连上网络/g)).toHaveLength(1)
    expect(words(new Problem({ status: 401, code: 'identity.session_missing' }))).toContain('去登录')
    expect(words(new Problem({ status: 403, code: 'identity.level_too_low', required_level: 3 }))).toContain('去认证')
    expect(words(new Problem({ status: 403, code: 'identity.level_too_low', required_level: 4 }))).toContain('去核验')
    expect(words(new Problem({ status: 403, code: 'enterprise.not_representative', detail: '您不是这家企业的法定代表人。' }))).toContain('您不是这家企业的法定代表人。')
    expect(words(new Problem({ status: 404, code: 'wallet.licence_missing', detail: '没有找到这张证照。' }))).toContain('没有找到这张证照。')
    expect(words(new Problem({ status: 429, code: 'edge.too_many', detail: '太频繁。', retry_after: 120 }))).toContain('约 2 分钟后可以再试')
    expect(words(new Problem({ status: 503, code: 'x', trace_id: '0af7651916cd43dd' }))).toContain('编号 0af76519')
  })

  it('gives the press to the page when it cannot mend it itself', async () => {
    const block = mount(StateBlock, { props: { problem: new Problem({ status: 503, code: 'x' }) } })
    await block.findComponent(AppButton).trigger('click')
    expect(block.emitted('action')).toHaveLength(1)
    expect(block.attributes('role')).toBe('alert')
  })
})

describe('HomeSection', () => {
  const base: AccountSection = {
    code: 'housing_fund',
    kind: 'account',
    title: '住房公积金',
    status: 'fresh',
    as_of: new Date(Date.now() - 180_000).toISOString(),
    source: { code: 'gjj', name: '公积金中心' },
    reason: null,
    required_level: null,
    headline: { label: '账户余额', value: '12,304.50', unit: '元' },
    lines: [{ label: '上月缴存', value: '2,400.00 元' }],
    count: null,
    items: [],
  }
  const show = (change: Partial<AccountSection>) => mount(HomeSection, { props: { section: { ...base, ...change }, retrying: false } })

  it('shows the figure and how old it is', () => {
    expect(show({}).text()).toMatch(/12,304\.50.*更新于 3 分钟前/s)
    expect(show({ status: 'stale' }).text()).toContain('系统暂时没有回应，显示 3 分钟前的数据')
  })

  it('offers another try when the system does not answer', async () => {
    const section = show({ status: 'unavailable', reason: '该系统暂时不可用，请稍后再试', headline: null })
    await section.find('[role=button]').trigger('click')
    expect(section.emitted('retry')).toHaveLength(1)
    expect(section.text()).not.toContain('12,304.50')
  })

  it('says what is needed when it is locked', () => {
    expect(show({ status: 'locked', required_level: 4 }).text()).toContain('去核验')
  })
})

describe('small parts', () => {
  it('an icon is decoration unless it has a label', () => {
    expect(mount(AppIcon, { props: { name: 'lock' } }).attributes('aria-hidden')).toBe('true')
    expect(mount(AppIcon, { props: { name: 'lock', label: '已锁' } }).attributes()).toMatchObject({ role: 'img', 'aria-label': '已锁' })
  })

  it('a freshness note is silent when nothing is known', () => {
    expect(mount(FreshnessNote, { props: { asOf: null } }).text()).toBe('')
  })

  it('a field says what is wrong as an alert', () => {
    const field = mount(FormField, { props: { id: 'f', label: '手机号', modelValue: '', error: '请填写手机号。' } })
    expect(field.find('[role=alert]').text()).toBe('请填写手机号。')
  })

  it('a field ties label and error to its input', async () => {
    const field = mount(FormField, { props: { id: 'f', label: '手机号', modelValue: '', error: '请填写手机号。' }, attachTo: document.body })
    await field.vm.$nextTick()
    expect(field.find('input').attributes()).toMatchObject({ id: 'f', 'aria-labelledby': 'f-label', 'aria-describedby': 'f-note', 'aria-invalid': 'true' })
    field.unmount()
  })

  it('a question is answered no by Escape and by the ground, yes by its button', async () => {
    const sheet = mount(ConfirmSheet, { props: { open: true, title: '退出登录？', yes: '退出登录' } })
    await sheet.trigger('keydown', { key: 'Escape' })
    await sheet.find('.dim').trigger('click')
    await sheet.find('.sheet').trigger('click')
    expect(sheet.emitted('no')).toHaveLength(2)
    await sheet.findAllComponents(AppButton)[1].trigger('click')
    expect(sheet.emitted('yes')).toHaveLength(1)
    expect(sheet.find('[role=alertdialog]').attributes('aria-modal')).toBe('true')
  })
})
