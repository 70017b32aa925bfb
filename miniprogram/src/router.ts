/** Every page of the app, by the name that code uses. Paths are those of pages.json. */
export const pages = {
  home: '/pages/home/index',
  services: '/pages/services/index',
  code: '/pages/code/index',
  wallet: '/pages/wallet/index',
  me: '/pages/me/index',
  consent: '/login/consent',
  login: '/login/login',
  identity: '/login/identity',
  face: '/login/face',
  item: '/guide/item',
  region: '/guide/region',
  search: '/guide/search',
  licence: '/licence/detail',
  addLicence: '/licence/add',
  verify: '/licence/verify',
  offline: '/licence/offline',
  devices: '/settings/devices',
  consents: '/settings/consents',
  elder: '/settings/elder',
  agreements: '/settings/agreements',
  messages: '/messages/inbox',
  messagePreferences: '/messages/preferences',
  evaluations: '/voice/evaluations',
  judge: '/voice/judge',
  evaluation: '/voice/evaluation',
  tickets: '/voice/tickets',
  ask: '/voice/ask',
  ticket: '/voice/ticket',
  readings: '/data/readings',
  usages: '/data/usages',
  dataCatalogue: '/data/catalogue',
  dataResource: '/data/resource',
  loans: '/lending/loans',
  loan: '/lending/loan',
  lend: '/lending/lend',
  take: '/lending/take',
  borrowed: '/lending/borrowed',
  lentShow: '/lending/show',
  family: '/lending/family',
  familyInvite: '/lending/invite',
  child: '/lending/child',
  member: '/lending/member',
  mandates: '/lending/mandates',
  memberLicence: '/lending/licence',
  copies: '/lending/copies',
  makeCopy: '/lending/makecopy',
  copy: '/lending/copy',
  checkCopy: '/lending/check',
  places: '/appointments/places',
  servicePlace: '/appointments/place',
  book: '/appointments/book',
  appointments: '/appointments/list',
  appointment: '/appointments/detail',
  apply: '/apply/start',
  applyFill: '/apply/fill',
  applyDone: '/apply/done',
  cases: '/apply/cases',
  case: '/apply/case',
  oneThings: '/onething/list',
  oneThing: '/onething/guide',
  oneThingDone: '/onething/done',
  oneThingProgress: '/onething/progress',
  assistant: '/assistant/talk',
  policies: '/policies/list',
  policy: '/policies/policy',
  benefit: '/policies/benefit',
  policyData: '/policies/data',
  publicity: '/policies/publicity',
  enterprises: '/enterprise/picker',
  enterprise: '/enterprise/home',
  enterpriseLicence: '/enterprise/licence',
  enterpriseShow: '/enterprise/show',
  corpEnter: '/enterprise/enter',
  corpMembers: '/enterprise/members',
  corpInvite: '/enterprise/invite',
  corpInvitations: '/enterprise/invitations',
  corpMachines: '/enterprise/machines',
  corpMachine: '/enterprise/machine',
} as const

export type PageName = keyof typeof pages
export type TabName = 'home' | 'services' | 'code' | 'wallet' | 'me'
export type PageQuery = Record<string, string | number | undefined>

const TABS: readonly string[] = [pages.home, pages.services, pages.code, pages.wallet, pages.me]
const ALL: readonly string[] = Object.values(pages)

export function isTab(url: string): boolean {
  return TABS.includes(pathOf(url))
}

export function pathOf(url: string): string {
  return url.split('?')[0]
}

/** True for an address inside the app: what is stored on the device is not trusted blindly. */
export function isOwnPage(url: string): boolean {
  return ALL.includes(pathOf(url))
}

export function urlOf(name: PageName, query: PageQuery = {}): string {
  const parts = Object.entries(query)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`)
  return parts.length > 0 ? `${pages[name]}?${parts.join('&')}` : pages[name]
}

/** A second tap while a page is opening is refused by the framework, and that is right. */
function ignore(): void {
  return
}

export function switchTo(url: string): void {
  uni.switchTab({ url: pathOf(url), fail: ignore })
}

/** Throw away the stack and start at this page. */
export function restartAt(url: string): void {
  if (isTab(url)) switchTo(url)
  else uni.reLaunch({ url, fail: ignore })
}

/** Open a page: tabs are switched to, other pages are put on top. */
export function go(name: PageName, query: PageQuery = {}): void {
  open(urlOf(name, query))
}

export function open(url: string): void {
  if (isTab(url)) {
    switchTo(url)
    return
  }
  // WeChat holds ten pages; beyond that the newest takes the place of the current one.
  if (getCurrentPages().length >= 9) uni.redirectTo({ url, fail: ignore })
  else uni.navigateTo({ url, fail: ignore })
}

/** Put a page in the place of the current one. */
export function replace(url: string): void {
  if (isTab(url)) switchTo(url)
  else uni.redirectTo({ url, fail: ignore })
}

/** Back, or home where there is nothing behind (a page opened by its address). */
export function back(): void {
  if (getCurrentPages().length > 1) uni.navigateBack({ delta: 1, fail: ignore })
  else switchTo(pages.home)
}

interface PageInstance {
  route?: string
  options?: Record<string, string>
  $page?: { fullPath?: string }
}

/** Address of the page on top, with its query. */
export function currentUrl(): string {
  const stack = getCurrentPages() as unknown as PageInstance[]
  const page = stack[stack.length - 1]
  if (!page) return pages.home
  if (page.$page?.fullPath) return page.$page.fullPath === '/' ? pages.home : page.$page.fullPath
  const query = Object.entries(page.options ?? {}).map(([key, value]) => `${key}=${value}`)
  return `/${page.route ?? ''}${query.length > 0 ? `?${query.join('&')}` : ''}`
}
