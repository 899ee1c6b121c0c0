# shellcheck shell=bash
# Completion of upsun-integrations, upsun-load and upsun-sandbox. What there is to complete is read from their --help.

_upsun() {
  local program=$1 word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} help commands command='' each value='' offered=''
  COMPREPLY=()
  help=$("$program" --help 2>/dev/null) || return 0
  commands=$(sed -n '/^Subcommands:/,/^$/s/^  \([a-z-]*\) .*/\1/p' <<<"$help")
  for each in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ $each != -* ]] && grep -qxF -e "$each" <<<"$commands"; then
      command=$each
      help+=$'\n'$("$program" "$command" --help 2>/dev/null)
      break
    fi
  done

  # What stands behind the previous option: nothing when it takes no value.
  if [[ $previous =~ ^--?[a-z-]+$ ]]; then
    value=$(sed -nE "s/^  (-[^ ]*,)?$previous(,[^ ]*)? ([A-Z][^ ]*).*/\3/p" <<<"$help" | head -n 1)
  elif [[ $previous == create || $previous == kinds ]]; then
    value=KIND
  fi
  case $value in
    FILE)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return 0
      ;;
    KIND) [[ $word == -* ]] || offered=$("$program" kinds 2>/dev/null) ;;
    ?*) return 0 ;;
  esac
  if [[ $word == -* ]]; then
    offered=$(sed -nE 's/^  (-[^ ]+).*/\1/p' <<<"$help" | tr , '\n' | sed 's/[^a-z-].*//')
  elif [[ -z $value && -z $command ]]; then
    offered=$commands
  fi
  mapfile -t COMPREPLY < <(compgen -W "$offered" -- "$word")
}

complete -F _upsun upsun-integrations upsun-load upsun-sandbox
