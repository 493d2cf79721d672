import type { App } from '@slack/bolt';
import { registerActions } from './actions/register.ts';
import type { ListenerContext } from './answer.ts';
import { registerCommands } from './commands/register.ts';
import { registerEvents } from './events/register.ts';
import { registerShortcuts } from './shortcuts/register.ts';
import { registerViews } from './views/register.ts';

/** Seven listeners in all: Bolt runs the chain of every listener for every payload, so few of them stay fast. */
export function registerListeners(app: App, context: ListenerContext): void {
  registerEvents(app, context);
  registerActions(app, context);
  registerViews(app, context);
  registerCommands(app, context);
  registerShortcuts(app, context);
}
