import { beforeEach, describe, expect, it } from 'vitest'
import { Problem } from '@/api/problem'
import { askConsent, consentDone, logIn, mend, nextStep, stepDone, stepLeft, stepsOfErrand, stepUp } from '@/flow'
import { isOwnPage, urlOf } from '@/router'
import { useSession } from '@/stores/session'
import { person, tokens } from './people'
import { stack, stored } from './setup'

const session = useSession()

function at(url: string): void {
  stack.splice(0, stack.length)
  const [path, query = ''] = url.split('?')
  stack.push({ route: path.slice(1), options: Object.fromEntries(new URLSearchParams(query)) })
}

function top(): string {
  return `/${stack[stack.length - 1].route}`
}

beforeEach(() => {
  session.clear()
  stored.clear()
  at('/pages/home/index')
})

describe('the next step', () => {
  it.each([
    [null, 1, '/login/login'],
    [0, 3, '/login/login'],
    [1, 3, '/login/identity'],
    [1, 4, '/login/identity'],
    [3, 4, '/login/face'],
    [1, 1, null],
    [3, 3, null],
    [4, 4, null],
  ] as const)('from level %s to %s is %s', (level, needed, page) => {
    expect(nextStep(level, needed)).toBe(page)
  })
})

describe('stepping up', () => {
  it('leads through every step and back to the page with its query', () => {
    at('/licence/detail?id=42')
    stepUp(4)
    expect(top()).toBe('/login/login')
    expect(stepsOfErrand()).toBe(2)
    session.accept(tokens(1))
    stepDone()
    expect(top()).toBe('/login/identity')
    session.setPerson(person(3))
    stepDone()
    expect(top()).toBe('/login/face')
    session.setPerson(person(4))
    stepDone()
    expect(stack).toEqual([{ route: 'licence/detail', options: { id: '42' } }])
  })

  it('finds the way back after a reload has emptied the stack', () => {
    at('/licence/detail?id=42')
    session.accept(tokens(1))
    stepUp(3)
    at('/login/identity')
    session.setPerson(person(3))
    stepDone()
    expect(stack).toEqual([{ route: 'licence/detail', options: { id: '42' } }])
  })

  it('comes back to a tab', () => {
    at('/pages/wallet/index')
    session.accept(tokens(1))
    stepUp(3)
    at('/login/identity')
    session.setPerson(person(3))
    stepDone()
    expect(top()).toBe('/pages/wallet/index')
  })

  it('keeps the errand when a step page finds an earlier step missing', () => {
    at('/enterprise/home?uscc=91')
    session.accept(tokens(3))
    stepUp(4)
    expect(top()).toBe('/login/face')
    session.clear()
    stepUp(4)
    expect(top()).toBe('/login/login')
    session.accept(tokens(4))
    stepDone()
    expect(stack).toEqual([{ route: 'enterprise/home', options: { uscc: '91' } }])
  })

  it('forgets the errand when the person gives up', () => {
    session.accept(tokens(1))
    stepUp(4)
    stepLeft()
    expect(top()).toBe('/pages/home/index')
    expect(stepsOfErrand()).toBe(1)
  })

  it('does not go to an address that is not ours', () => {
    session.accept(tokens(3))
    stored.set('sst.step-up', { level: 3, from: 1, returnTo: 'https://evil.example/' })
    at('/login/identity')
    stepDone()
    expect(top()).toBe('/pages/me/index')
  })
})

describe('mending a refusal', () => {
  it('logs in, steps up or asks for the face, and leaves the rest', () => {
    expect(mend(new Problem({ status: 401, code: 'identity.session_missing' }))).toBe(true)
    expect(top()).toBe('/login/login')
    session.accept(tokens(1))
    at('/pages/wallet/index')
    expect(mend(new Problem({ status: 403, code: 'identity.level_too_low', required_level: 3 }))).toBe(true)
    expect(top()).toBe('/login/identity')
    session.setPerson(person(3))
    at('/pages/me/index')
    expect(mend(new Problem({ status: 403, code: 'identity.consent_required', consent: 'face' }))).toBe(true)
    expect(top()).toBe('/login/face')
    expect(mend(new Problem({ status: 403, code: 'enterprise.not_representative' }))).toBe(false)
    expect(mend(new Problem({ status: 503, code: 'gateway.unavailable' }))).toBe(false)
  })

  it('returns to the page that the person chose to log in from', () => {
    at('/guide/item?id=A')
    logIn()
    session.accept(tokens(1))
    stepDone()
    expect(stack).toEqual([{ route: 'guide/item', options: { id: 'A' } }])
  })
})

describe('the first consent', () => {
  it('comes before a page opened by its address, and leads back to it', () => {
    askConsent('/enterprise/picker')
    expect(top()).toBe('/login/consent')
    consentDone()
    expect(top()).toBe('/enterprise/picker')
  })

  it('leads home when nothing sensible is stored', () => {
    askConsent('//evil.example')
    consentDone()
    expect(top()).toBe('/pages/home/index')
  })
})

describe('addresses', () => {
  it('are built with their query and known as ours', () => {
    expect(urlOf('search', { q: '社保 卡', theme: undefined })).toBe('/guide/search?q=%E7%A4%BE%E4%BF%9D%20%E5%8D%A1')
    expect(isOwnPage('/licence/detail?id=1')).toBe(true)
    expect(isOwnPage('/licence/../secret')).toBe(false)
  })
})
