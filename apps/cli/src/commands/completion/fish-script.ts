import {
  quoted,
  type CompletedCommand,
  type CompletedOption,
  type CompletedProgram,
  type Value,
} from './completed-words.ts';

/** One `complete` line for each word that can follow, with its condition. */
export const fishScript = (program: CompletedProgram): string => `\
# Completion of walq for fish: walq completion fish | source

# Without arguments: true while there is no command. With a command: true behind it; with a number too, true where
# that many of its arguments precede the cursor.
function __walq_at
    set -l found
    set -l skips no
    for word in (commandline -opc)[2..]
        if test $skips = yes
            set skips no
        else if string match -q -- '-*' $word
            contains -- $word ${valuedOf(program).join(' ')}; and set skips yes
        else
            set -a found $word
        end
    end
    if test (count $argv) -eq 0
        test (count $found) -eq 0
    else if test (count $argv) -eq 1
        test "$found[1]" = $argv[1]
    else
        test "$found[1]" = $argv[1]; and test (count $found) -eq (math $argv[2] + 1)
    end
end

function __walq_sources
    set -l words (commandline -opc)
    set -l at (contains -i -- --config $words)
    and walq complete-sources --config $words[(math $at + 1)] 2>/dev/null
    or walq complete-sources 2>/dev/null
end

complete -c walq -f
${program.options.map((option) => lineOf('__walq_at', option)).join('\n')}
${program.commands.map(linesOf).join('\n')}`;

const valuedOf = ({ options, commands }: CompletedProgram): string[] => {
  const all = [...options, ...commands.flatMap((command) => command.options)];
  return [...new Set(all.flatMap(({ long, value }) => (value === undefined ? [] : [long])))];
};

const linesOf = ({ name, about, options, values }: CompletedCommand): string =>
  [
    `complete -c walq -n __walq_at -a ${name} -d ${escaped(about)}`,
    ...options.map((option) => lineOf(`__walq_at ${name}`, option)),
    ...values.flatMap((value, at) => {
      const offer = offerOf(value);
      return offer === '' ? [] : [`complete -c walq -n '__walq_at ${name} ${at}' ${offer}`];
    }),
  ].join('\n');

function lineOf(condition: string, { short, long, about, value }: CompletedOption): string {
  const letter = short === undefined ? '' : ` -s ${short.slice(1)}`;
  const offer =
    value === undefined ? '' : ` ${value.kind === 'file' ? '-r' : '-x'} ${offerOf(value)}`;
  return `complete -c walq -n '${condition}'${letter} -l ${long.slice(2)} -d ${escaped(about)}${offer}`.trimEnd();
}

function offerOf(value: Value): string {
  if (value.kind === 'words') return `-a ${quoted(value.words.join(' '))}`;
  return {
    source: "-a '(__walq_sources)'",
    file: '-F',
    directory: "-a '(__fish_complete_directories)'",
    other: '',
  }[value.kind];
}

/** Within fish's single quotes a backslash escapes. */
const escaped = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`;
