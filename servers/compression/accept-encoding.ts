const ACCEPT_ENCODING = /^accept-encoding:/i;

/** Header lines of a client that reads gzip: one that has said what it accepts does not say it again. */
export function acceptingGzip(lines: readonly string[]): readonly string[] {
  return lines.some((line) => ACCEPT_ENCODING.test(line)) ? lines : [...lines, 'Accept-Encoding: gzip'];
}

/** Whether a client reads gzip, by what its Accept-Encoding says (RFC 9110, section 12.5.3). */
export function acceptsGzip(field = ''): boolean {
  const weights = new Map<string, boolean>();
  for (const one of field.toLowerCase().split(',')) {
    const [coding = '', ...parameters] = one.split(';').map((part) => part.trim());
    weights.set(coding, !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter)));
  }
  return weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? false;
}
