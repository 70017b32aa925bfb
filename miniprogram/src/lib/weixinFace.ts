import { api } from '@/api/client'
import type { FaceKey, FaceTicket, LevelAnswer } from '@/api/types'

/** Face verification by WeChat: the current flow where the client has it, else the classic one. */
interface WeixinFace {
  requestFacialVerify?(options: { verifyId: string; success(): void; fail(): void }): void
  startFacialRecognitionVerify?(options: {
    userIdKey: string
    checkAliveType: number
    success(answer: { verifyResult: string }): void
    fail(): void
  }): void
}

declare const wx: WeixinFace

async function currentFlow(request: NonNullable<WeixinFace['requestFacialVerify']>): Promise<LevelAnswer | null> {
  const ticket = await api.post<FaceTicket>('/citizen/me/face/wechat')
  const finished = await new Promise<boolean>((resolve) => {
    request({ verifyId: ticket.verify_id, success: () => resolve(true), fail: () => resolve(false) })
  })
  // What the client says is no proof: the gateway asks WeChat for the result.
  return finished ? api.post<LevelAnswer>('/citizen/me/face/wechat/result', { verify_id: ticket.verify_id }) : null
}

async function classicFlow(start: NonNullable<WeixinFace['startFacialRecognitionVerify']>): Promise<LevelAnswer | null> {
  // A key in place of name and number: the phone never holds them.
  const { user_id_key: userIdKey } = await api.post<FaceKey>('/citizen/me/face/wechat/classic-key')
  const result = await new Promise<string | null>((resolve) => {
    start({ userIdKey, checkAliveType: 2, success: (answer) => resolve(answer.verifyResult), fail: () => resolve(null) })
  })
  return result ? api.post<LevelAnswer>('/citizen/me/face/wechat/classic', { verify_result: result }) : null
}

/** Runs the verification; null when the person left it or this client cannot do it. */
export async function verifyInWeixin(): Promise<LevelAnswer | null> {
  if (wx.requestFacialVerify) return currentFlow(wx.requestFacialVerify.bind(wx))
  if (wx.startFacialRecognitionVerify) return classicFlow(wx.startFacialRecognitionVerify.bind(wx))
  return null
}
