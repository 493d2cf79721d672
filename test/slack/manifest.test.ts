import { expect, test } from 'vitest';
import { commandName, explainCallbackId } from '../../src/slack/listeners/register.ts';
import manifest from '../../src/slack/manifest.json' with { type: 'json' };

test('the manifest offers what the listeners take', () => {
  expect(manifest.features.slash_commands.map((c) => c.command)).toEqual([commandName]);
  expect(manifest.features.shortcuts.map((s) => s.callback_id)).toEqual([explainCallbackId]);
  expect(manifest.settings.event_subscriptions.bot_events).toEqual(
    expect.arrayContaining([
      'app_mention',
      'message.channels',
      'message.groups',
      'message.im',
      'app_home_opened',
    ]),
  );
  expect(manifest.settings.interactivity.is_enabled).toBe(true);
});

test('the manifest stays within the lengths Slack allows', () => {
  const { name, description, long_description } = manifest.display_information;
  expect(name.length).toBeLessThanOrEqual(35);
  expect(description.length).toBeLessThanOrEqual(140);
  expect(long_description.length).toBeGreaterThanOrEqual(175);
  expect(manifest.features.shortcuts[0]?.name.length).toBeLessThanOrEqual(24);
});
