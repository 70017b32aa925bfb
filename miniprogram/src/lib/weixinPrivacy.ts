import { isWeixin } from '@/platform'

/**
 * WeChat holds back an interface that touches personal data until the person has agreed to the
 * mini-program's privacy guide, and asks us to ask them (base library 2.32.3 and later).
 */
type Resolve = (answer: { event: 'agree' | 'disagree'; buttonId?: string }) => void

interface WeixinPrivacy {
  onNeedPrivacyAuthorization?(listener: (resolve: Resolve) => void): void
}

/** WeChat checks that the agreement came from a tap on the button of this id. */
export const AGREE_BUTTON = 'agree-btn'

let waiting: Resolve[] = []

/** Have `ask` show the consent page whenever WeChat needs an answer. */
export function watchWeixinPrivacy(ask: () => void): void {
  if (!isWeixin) return
  const weixin = uni as unknown as WeixinPrivacy
  weixin.onNeedPrivacyAuthorization?.((resolve) => {
    waiting.push(resolve)
    ask()
  })
}

/** Pass on what the person chose to every interface that waits for it. */
export function answerWeixinPrivacy(agreed: boolean): void {
  const asked = waiting
  waiting = []
  for (const resolve of asked) resolve(agreed ? { event: 'agree', buttonId: AGREE_BUTTON } : { event: 'disagree' })
}
