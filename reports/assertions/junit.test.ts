import { expect, test } from 'vitest';
import { buildReport } from '../report/report.ts';
import { failedTrial, sampleResult, websocketTrial } from '../testing/sample-result.ts';
import { renderJunit } from './junit.ts';
import { judgeAssertion } from './judgement.ts';
import { parseAssertion } from './rule.ts';

const LOSSY = { ...websocketTrial(), audit: { ...websocketTrial().audit, lost: 3 } };
const RESULT = sampleResult({
  trials: [LOSSY, failedTrial({ ...LOSSY.variant, transport: 'polling' })],
  workload: { ...sampleResult().workload, name: 'a & "b" \u001b<c>\uD800' },
});

test('a case an assertion and an audit, in the words of JUnit', () => {
  const report = buildReport(RESULT);
  const rules = ['websocket.bytes.wire < 1kB', 'websocket.bytes.wire < 100B', 'polling.bytes.wire < 1kB'];
  const judgements = rules.flatMap((text) => judgeAssertion(report, parseAssertion(text)));
  expect(renderJunit([{ report, judgements }])).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="feedbench" tests="5" failures="2" errors="2" time="30.000">
  <testsuite name="a &amp; &quot;b&quot; \\u001b&lt;c&gt;\\ud800" timestamp="2026-05-17T14:23:01" tests="5" failures="2" errors="2" time="30.000">
    <properties><property name="run" value="2026-05-17-142301-sample"/></properties>
    <testcase classname="feedbench.a &amp; &quot;b&quot; \\u001b&lt;c&gt;\\ud800.assertions" name="websocket.bytes.wire &lt; 1kB (WebSocket, memory)" time="0.000"/>
    <testcase classname="feedbench.a &amp; &quot;b&quot; \\u001b&lt;c&gt;\\ud800.assertions" name="websocket.bytes.wire &lt; 100B (WebSocket, memory)" time="0.000"><failure type="assertion" message="WebSocket, memory: 436 B (one trial)">WebSocket, memory: 436 B (one trial)</failure></testcase>
    <testcase classname="feedbench.a &amp; &quot;b&quot; \\u001b&lt;c&gt;\\ud800.assertions" name="polling.bytes.wire &lt; 1kB (HTTP polling, memory)" time="0.000"><error type="assertion" message="HTTP polling, memory: it could not be measured: Redis stopped answering: &quot;connection, refused&quot;">HTTP polling, memory: it could not be measured: Redis stopped answering: &quot;connection, refused&quot;</error></testcase>
    <testcase classname="feedbench.a &amp; &quot;b&quot; \\u001b&lt;c&gt;\\ud800.audit" name="HTTP polling, memory" time="0.000"><error type="redis-lost" message="Redis stopped answering: &quot;connection, refused&quot;">Redis stopped answering: &quot;connection, refused&quot;</error></testcase>
    <testcase classname="feedbench.a &amp; &quot;b&quot; \\u001b&lt;c&gt;\\ud800.audit" name="WebSocket, memory" time="30.000"><failure type="audit" message="of 23,000 expected messages, 3 lost">of 23,000 expected messages, 3 lost</failure></testcase>
  </testsuite>
</testsuites>
`);
});
