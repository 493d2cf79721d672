import type { types } from '@slack/bolt';
import type { EditField } from '../../operations/bot.ts';
import { clip, limits } from '../limits.ts';
import { clean, md } from '../mrkdwn.ts';
import { section } from './elements.ts';

export const editCallbackId = 'edit_brief';
const fieldAction = 'value';

/** The channel and message where the modal was opened, so that the outcome can be announced there. */
export interface EditOrigin {
  campaignId: string;
  channel: string;
  threadTs: string | null;
}

/** The Edit form. A block's id is the field's name, which is also how an error finds its field. */
export function buildEditModal(fields: EditField[], origin: EditOrigin): types.ModalView {
  const blocks = fields
    .filter(({ field }) => field.trim() !== '' && field.length <= limits.blockId)
    // A cut value would be saved as if somebody had shortened it.
    .filter(({ value }) => clean(value).length <= limits.inputValue)
    .slice(0, 40)
    .map(inputBlock);
  return {
    type: 'modal',
    callback_id: editCallbackId,
    title: text('Edit the brief', limits.viewTitle),
    submit: text('Save', limits.viewButton),
    close: text('Back', limits.viewButton),
    private_metadata: JSON.stringify(origin).slice(0, limits.privateMetadata),
    blocks: blocks.length > 0 ? blocks : [section(md`There is nothing to change any more.`)],
  };
}

function inputBlock(field: EditField): types.InputBlock {
  return {
    type: 'input',
    block_id: field.field,
    label: text(field.label, limits.inputLabel, field.field),
    ...(clean(field.hint).trim() === '' ? {} : { hint: text(field.hint, limits.inputHint) }),
    // A field that had a value must keep one, so that "nothing was entered" always means "left as it was".
    optional: field.value === '',
    element: select(field) ?? {
      type: 'plain_text_input',
      action_id: fieldAction,
      ...(field.value === '' ? {} : { initial_value: clean(field.value) }),
      max_length: limits.inputValue,
    },
  };
}

function select(field: EditField): types.StaticSelect | null {
  const options = (field.options ?? [])
    .filter(
      ({ value }) => value.trim() !== '' && value.length <= limits.optionValue && clean(value) === value,
    )
    .slice(0, limits.options)
    .map(({ label, value }) => ({ text: text(label, limits.optionText, value), value }));
  if (options.length === 0) return null;
  const initial = options.find((option) => option.value === field.value);
  return {
    type: 'static_select',
    action_id: fieldAction,
    options,
    ...(initial ? { initial_option: initial } : {}),
  };
}

function text(value: string, max: number, otherwise = ''): types.PlainTextElement {
  return { type: 'plain_text', text: clip(clean(value).trim() || otherwise, max) };
}

interface SubmittedView {
  private_metadata: string;
  blocks: { type: string; block_id?: string; element?: object }[];
  state: {
    values: Record<
      string,
      Record<string, { value?: string | null; selected_option?: { value: string } | null }>
    >;
  };
}

/**
 * The values of the form. An untouched field comes back with its first value from Slack and empty from the local
 * workspace; both mean that it stays unchanged.
 */
export function readEditModal(view: SubmittedView): { origin: EditOrigin; values: Record<string, string> } {
  const values: Record<string, string> = {};
  for (const block of view.blocks) {
    if (block.type !== 'input' || block.block_id === undefined) continue;
    const given = view.state.values[block.block_id]?.[fieldAction];
    const element = block.element as
      | { initial_value?: string; initial_option?: { value: string } }
      | undefined;
    values[block.block_id] =
      given?.selected_option?.value ??
      given?.value ??
      element?.initial_option?.value ??
      element?.initial_value ??
      '';
  }
  return { origin: JSON.parse(view.private_metadata) as EditOrigin, values };
}
