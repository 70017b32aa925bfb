import { isWeixin } from '@/platform'

/** WeChat asks for five templates at once at most. */
export const MOST_AT_ONCE = 5

type Answers = Record<string, string>

/** The ids that were answered with 允许. */
export function acceptedIn(asked: readonly string[], answers: Answers): string[] {
  return asked.filter((id) => answers[id] === 'accept')
}

/** Ask the person in WeChat, from a tap; which of the templates they allowed. */
export function acceptedOf(templates: readonly string[]): Promise<string[]> {
  const asked = templates.filter(Boolean).slice(0, MOST_AT_ONCE)
  if (!isWeixin || asked.length === 0) return Promise.resolve([])
  return new Promise((resolve) => {
    uni.requestSubscribeMessage({
      tmplIds: [...asked],
      success: (answers) => resolve(acceptedIn(asked, answers as unknown as Answers)),
      fail: () => resolve([]),
    })
  })
}
