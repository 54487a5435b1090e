import type { CompletedOption, CompletedProgram, Value } from './completed-words.ts';

/** Requires only bash 4. Where `=` breaks words, `--option=value` is three words. */
export const bashScript = ({ options, commands }: CompletedProgram): string => `\
# Completion of walq for bash: source <(walq completion bash)

_walq() {
  local cur=\${COMP_WORDS[COMP_CWORD]} word i command= awaiting= position=0 config=
  local -a configured=()
  [ "$cur" != = ] || cur=
  local options='${longs(options)}' valued='${longs(options.filter(isValued))}'
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [ "$word" = = ]; then
      continue
    elif [ -n "$awaiting" ]; then
      [ "$awaiting" != --config ] || configured=(--config "$word")
      awaiting=
    elif [[ $word == -* ]]; then
      [[ " $valued " != *" $word "* ]] || awaiting=$word
    elif [ -n "$command" ]; then
      position=$((position + 1))
    else
      command=$word
      case $command in
${commands.map((one) => `        ${one.name}) options='${longs(one.options)}' valued='${longs(one.options.filter(isValued))}' ;;`).join('\n')}
        *) return ;;
      esac
    fi
  done
  local kind= words=
  if [ -z "$awaiting" ] && [[ $cur == -* ]]; then
    kind=words words=$options
  else
    case "$command \${awaiting:-$position}" in
      ' 0') kind=words words='${commands.map(({ name }) => name).join(' ')}' ;;
${casesOf({ options, commands })
  .map(([pattern, value]) => `      ${pattern}) ${assignmentOf(value)} ;;`)
  .join('\n')}
    esac
  fi
  case $kind in
    words) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur") ;;
    source) mapfile -t COMPREPLY < <(compgen -W "$("$1" complete-sources "\${configured[@]}" 2>/dev/null)" -- "$cur") ;;
    file) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    directory) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
  esac
}

complete -F _walq walq`;

const isValued = ({ value }: CompletedOption): boolean => value !== undefined;

const longs = (options: readonly CompletedOption[]): string =>
  options.map(({ long }) => long).join(' ');

/** The kind of value after each option, and of each argument, of each command. */
function casesOf({ options, commands }: CompletedProgram): [string, Value][] {
  const cases: [string, Value][] = commands.flatMap(({ name, options: own, values }) => [
    ...own.flatMap(({ long, value }): [string, Value][] =>
      value === undefined ? [] : [[`'${name} ${long}'`, value]],
    ),
    ...values.map((value, at): [string, Value] => [`'${name} ${at}'`, value]),
  ]);
  for (const { long, value } of options) if (value !== undefined) cases.push([`' ${long}'`, value]);
  return cases.filter(([, { kind }]) => kind !== 'other');
}

const assignmentOf = (value: Value): string =>
  value.kind === 'words' ? `kind=words words='${value.words.join(' ')}'` : `kind=${value.kind}`;
