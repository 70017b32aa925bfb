import type { Level, Me, Tokens } from '@/api/types'

export function person(level: Level, change: Partial<Me> = {}): Me {
  return {
    id: '0193-person',
    level,
    name: level >= 3 ? '张*国' : null,
    phone: '138****0001',
    id_number: null,
    wechat: false,
    elder: false,
    region_code: '440000',
    consents: [],
    ...change,
  }
}

let serial = 0

export function tokens(level: Level = 1, change: Partial<Tokens> = {}): Tokens {
  serial += 1
  return {
    access_token: `access-${serial}`,
    access_expires_in: 900,
    refresh_token: `refresh-${serial}`,
    refresh_expires_in: 2_592_000,
    level,
    person: person(level),
    ...change,
  }
}
