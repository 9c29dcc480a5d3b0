import { DockerfileParser, type From, type Instruction } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';

/** What a builder would refuse in a Dockerfile, and what should not be in one: a line for each fault, none where all is well. */

interface Stage {
  readonly from: From;
  readonly instructions: readonly Instruction[];
}

function stagesOf(dockerfile: string): Stage[] {
  const parsed = DockerfileParser.parse(dockerfile);
  const instructions = parsed.getInstructions();
  const starts = parsed.getFROMs().map((from) => instructions.indexOf(from));
  return parsed.getFROMs().map((from, index) => ({
    from,
    instructions: instructions.slice(starts[index], starts[index + 1]),
  }));
}

function wordsOf(instruction: Instruction): string {
  return instruction.getArguments().map(String).join(' ');
}

/** The stage on which one is built, unless that is an image from elsewhere. */
function parentOf(stage: Stage, stages: readonly Stage[]): Stage | undefined {
  return stages.slice(0, stages.indexOf(stage)).find(({ from }) => from.getBuildStage() === stage.from.getImage());
}

/** Of what an image is made, from its base on. */
function lineage(stage: Stage, stages: readonly Stage[]): Instruction[] {
  const parent = parentOf(stage, stages);
  return [...(parent === undefined ? [] : lineage(parent, stages)), ...stage.instructions];
}

/** By a version or a digest: `latest` and `24` are another image tomorrow. */
function isPinned(from: From): boolean {
  return from.getImageDigest() !== null || /^\d+\.\d+\.\d+/.test(from.getImageTag() ?? '');
}

/** Signals reach a program that no shell stands before. */
function isExecForm(instruction: Instruction): boolean {
  const words = wordsOf(instruction);
  if (instruction.getKeyword() !== 'HEALTHCHECK') return words.startsWith('[');
  return words === 'NONE' || /(?:^|\s)CMD \[/.test(words);
}

function faultsOfInstruction(instruction: Instruction): string[] {
  const words = wordsOf(instruction);
  switch (instruction.getKeyword()) {
    case 'CMD':
    case 'ENTRYPOINT':
    case 'HEALTHCHECK':
      return isExecForm(instruction) ? [] : [`${instruction.getKeyword()} is not in exec form: ${words}`];
    case 'ADD':
      return [`ADD fetches and unpacks, COPY does not: ${words}`];
    case 'RUN':
      return /\bapt(?:-get)? .*\binstall\b/.test(words) && !words.includes('rm -rf /var/lib/apt/lists')
        ? [`RUN leaves the lists of apt: ${words}`]
        : [];
    default:
      return [];
  }
}

function faultsOfImage(target: string, stages: readonly Stage[]): string[] {
  const stage = stages.find(({ from }) => from.getBuildStage() === target);
  if (stage === undefined) return [`no stage is called ${target}`];
  const instructions = lineage(stage, stages);
  const user = instructions.findLast((instruction) => instruction.getKeyword() === 'USER');
  const checked = instructions.some((instruction) => instruction.getKeyword() === 'HEALTHCHECK');
  return [
    // Kubernetes can see that a number is not root's.
    ...(/^[1-9]\d*(?::[1-9]\d*)?$/.test(user === undefined ? '' : wordsOf(user))
      ? []
      : [`${target}: USER is no number, or root`]),
    ...(checked ? [] : [`${target} has no HEALTHCHECK`]),
  ];
}

/** `targets` are the stages that are images of their own. */
export function faultsOfDockerfile(dockerfile: string, targets: readonly string[]): string[] {
  const stages = stagesOf(dockerfile);
  return [
    ...validate(dockerfile).map(
      ({ message, range }) => `line ${range.start.line + 1}: ${typeof message === 'string' ? message : message.value}`,
    ),
    ...stages
      .filter((stage) => parentOf(stage, stages) === undefined && !isPinned(stage.from))
      .map(({ from }) => `FROM ${from.getImage()} has no tag that is a version`),
    ...stages.flatMap(({ instructions }) => instructions.flatMap(faultsOfInstruction)),
    ...targets.flatMap((target) => faultsOfImage(target, stages)),
  ];
}
