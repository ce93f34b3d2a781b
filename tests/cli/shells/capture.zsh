# What zsh offers at the end of a line: zsh -f capture.zsh SCRIPT LINE
zmodload zsh/zpty
zpty shell zsh -f -i
setup=$(mktemp)
cat > $setup <<EOF
PROMPT=
autoload compinit
compinit -u -D
source ${(q)1}
bindkey '^I' complete-word
mark () { echo -E - \$'\0' }
compprefuncs=(mark)
comppostfuncs=(mark exit)
zstyle ':completion:*' insert-tab false
compadd () {
    if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
        builtin compadd "\$@"
        return
    fi
    typeset -a found
    builtin compadd -A found "\$@"
    [[ -n \$found ]] && print -l - "\$found[@]"
}
echo ready
EOF
zpty -w shell "source $setup"
zpty -r -m shell discarded '*ready*'
rm $setup
zpty -n -w shell "$2"$'\t'
while zpty -r shell chunk; do
    print -rn - $chunk
done
