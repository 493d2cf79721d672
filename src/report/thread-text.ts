/**
 * Sentences for the thread, the CLI and the page: plain text, `*bold*` the only mark. Texts of people and models are
 * flattened to one line here; escaping of `&`, `<` and `>` for Slack is the business of `slack/`.
 */
export { approvalText } from './sentences/approval.ts';
export { briefText } from './sentences/brief.ts';
export { codeApprovalText } from './sentences/code-approval.ts';
export {
  failureLines,
  failureText,
  implausibleText,
  nextAfter,
  sparedText,
  stopFault,
  stoppedText,
  stopText,
} from './sentences/failure.ts';
export { filesText } from './sentences/files.ts';
export { findingLines, findingsHead, findingsProblems, findingsText } from './sentences/findings.ts';
export { forecastText } from './sentences/forecast.ts';
export { newThreadText } from './sentences/new-thread.ts';
export { announcementText, nodeText, whyText } from './sentences/node.ts';
export { continuedText } from './sentences/openings.ts';
export { orderText } from './sentences/order.ts';
export { measuredText, notMeasured, probedText, probingText, unprobedText } from './sentences/probe.ts';
export { reducedText } from './sentences/reduced.ts';
export { reportLines } from './sentences/report.ts';
export { shipmentText } from './sentences/shipment.ts';
export { type Shortage, shortageReason, shortageText } from './sentences/shortage.ts';
export { startRequestText, startTerms } from './sentences/start-request.ts';
export { headline, insightText, nowLine, statusText } from './sentences/status.ts';
export { steeringText, wishText } from './sentences/steering.ts';
export { summaryText } from './sentences/summary.ts';
export { troubleOverText, troubleText } from './sentences/trouble.ts';
export { waitingText } from './sentences/waiting.ts';
export { methodsText, metricText } from './sentences/words.ts';
