import type { Content } from '../campaign/messages.ts';
import { bold, limitText, oneLine } from './format.ts';
import { approvalText } from './sentences/approval.ts';
import { briefText } from './sentences/brief.ts';
import { codeApprovalText } from './sentences/code-approval.ts';
import { failureLines, failureText } from './sentences/failure.ts';
import { findingsText } from './sentences/findings.ts';
import { nodeText } from './sentences/node.ts';
import { runningText } from './sentences/running.ts';
import { shipmentText } from './sentences/shipment.ts';
import { startRequestText } from './sentences/start-request.ts';
import { headline, nowLine } from './sentences/status.ts';
import { summaryText } from './sentences/summary.ts';

const buttons = (labels: readonly string[]): string =>
  labels.length === 0 ? '' : labels.map((label) => `[${oneLine(label)}]`).join(' ');

function briefLines(content: Extract<Content, { kind: 'brief' }>): string[] {
  const { title, model, lines, source, notUsed, notes } = briefText(content);
  return [
    `${bold(title)} · ${oneLine(model)}`,
    ...(content.read === undefined ? [oneLine(content.brief.goal)] : []),
    ...lines,
    ...(notUsed === null ? [] : [notUsed]),
    ...notes,
    ...(source === null ? [] : [source]),
  ];
}

/** Any message as readable plain text: for the transcript of the CLI, for notifications and for clients without blocks. */
export function contentText(content: Content): string {
  switch (content.kind) {
    case 'text':
    case 'problem':
    case 'insight':
    case 'files':
      return content.text;
    case 'question':
      return [
        ...content.preface,
        content.question.text,
        buttons(content.question.options.map((option) => option.label)),
      ]
        .filter((line) => line !== '')
        .join('\n');
    case 'brief':
      return [
        ...briefLines(content),
        content.closed ??
          buttons([
            'Start',
            ...(content.worth?.raise ? [`Raise to ${limitText(content.worth.raise)}`] : []),
            'Edit',
            'Cancel',
          ]),
      ].join('\n');
    case 'start_request': {
      const { title, lines } = startRequestText(content);
      return [title, ...lines, content.closed ?? buttons(['Approve and start', 'Edit', 'Do not start'])].join(
        '\n',
      );
    }
    case 'progress':
      return `${headline(content.view)}\n${nowLine(content.view)}`;
    case 'approval': {
      const asked = codeApprovalText(content.node, content.approval);
      if (asked !== null)
        return [
          asked.title,
          asked.why,
          asked.purpose,
          asked.code,
          asked.terms,
          asked.cost,
          asked.yeses,
          asked.closed ?? buttons(['Approve', 'Reject', 'Ask why']),
        ]
          .filter((line) => line !== null)
          .join('\n');
      const text = approvalText(content.node, content.approval, content.metric);
      const choices = ['Approve', ...(text.cheaper === null ? [] : ['Cheaper one']), 'Reject', 'Ask why'];
      return [
        text.title,
        text.why,
        text.cost,
        text.expected,
        text.changes,
        text.cheaper,
        text.yeses,
        text.closed ?? buttons(choices),
      ]
        .filter((line): line is string => line !== null)
        .join('\n');
    }
    case 'failure':
      return [
        failureText(content.node, content.next),
        ...failureLines(content.node.failure).map((line) => `  ${line}`),
      ].join('\n');
    case 'waiting':
      return [content.text, content.closed ?? (content.canWithdraw ? buttons(['Withdraw']) : '')]
        .filter((line) => line !== '')
        .join('\n');
    case 'findings':
      return findingsText(content.findings);
    case 'node':
      return nodeText(content.view, content.number);
    case 'report': {
      const files = content.files.map((file) => oneLine(file.name));
      const choices = [...content.ships, ...content.continues].map(({ label }) => label);
      return [
        ...content.lines,
        ...(files.length > 0 ? [`Files: ${files.join(', ')}`] : []),
        ...(choices.length > 0 ? [buttons(choices)] : []),
      ].join('\n');
    }
    case 'shipment': {
      const { title, lines, standing } = shipmentText(content.shipment);
      return [title, ...lines, standing ?? buttons(['Ship it', 'Do not ship'])].join('\n');
    }
    case 'budget_reached':
      return [
        content.text,
        content.closed === null ? (content.note ?? '') : '',
        content.closed ?? buttons(content.raises.map((raise) => raise.label)),
      ]
        .filter((line) => line !== '')
        .join('\n');
    case 'confirmation':
      return [content.text, content.closed ?? buttons(content.choices.map(({ label }) => label))].join('\n');
    case 'running':
      return runningText(content.campaigns);
    case 'summary':
      return summaryText(content);
  }
}
