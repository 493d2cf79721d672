/** The two sides of this folder: `Bot` is what people can make the bot do, `Chat` is how the bot speaks. */
export type { Bot, EditField, IncomingMessage, Reply } from '../operations/bot.ts';
export { type Chat, DeliveryError, type RenderContext, type Repair } from '../operations/chat.ts';
