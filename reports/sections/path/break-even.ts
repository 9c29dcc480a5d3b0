import { significant } from '../../../scenarios/units.ts';
import { breakEvenPlot, breakEvenText } from '../../charts/break-even.ts';
import { linePlot } from '../../charts/line-plot.ts';
import { html } from '../../html/html.ts';
import { breakEvensOf } from '../../report/polling/break-evens.ts';
import { section, type Section } from '../section.ts';

/** From how many messages an interval on polling takes fewer bytes, over each version of HTTP that was measured. */
export const breakEven: Section = (report) => {
  const pairs = breakEvensOf(report);
  const [first] = pairs;
  if (first === undefined) return undefined;
  return section(
    'When does polling take fewer bytes?',
    html`<p>${breakEvenText(pairs)}</p><figure>${linePlot(breakEvenPlot(pairs))}</figure><output class="read"></output><p class="note">Wire bytes beside a message, both directions, by the messages that come in the interval between two polls; both scales are logarithmic. A poll with its answer costs the same whether it brings something or not, and more where the answer takes several segments; what is pushed costs the same each time. H is what sockets carried besides the messages, or where they do not tell, as Chromium’s, what the wire did; measured at ${significant(first.poll.bytes.messagesPerAnswer)} messages an answer. Lines follow from that by (H + 3h) ÷ m and f + 2h, dotted beyond 10 times as many or as few: there a feed of another rate would tell it better.</p>`,
  );
};
