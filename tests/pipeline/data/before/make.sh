#!/usr/bin/env bash
# make.sh BIN PORTRAIT: makes all files beside it in the present folder, which must be empty. BIN
# holds `photodrag` and `python` of an environment with commit fea2532; PORTRAIT is that of examples/.
set -eu
bin=$1 here=$(dirname "$0")
quick="--checkpoint tiny.safetensors --pivot-steps 2 --tune-steps 1 --device cpu --quiet"
corners="--drag mouth_left->-5%,-4% --drag mouth_right->+5%,-4%"
steps="--device cpu --quiet --drag-steps 2"
"$bin/python" "$here/make.py" inputs "$2"
"$bin/python" "$here/make.py" recipes

# a cache with faces, an inversion and a rendering, and the report of the edit that filled it
PHOTODRAG_CACHE=cache "$bin/photodrag" edit photo.png -o edited.png $quick $corners --seed 5 \
    --mask mouth --preset official --drag-steps 2 --report report.json
"$bin/photodrag" invert photo.png -o inversion.safetensors $quick --no-cache

# a session of four edits, the last of them undone
"$bin/photodrag" session new photo.png -o my.session $quick --no-cache --seed 3
"$bin/photodrag" session edit my.session $corners $steps
"$bin/photodrag" session edit my.session --adjust smile=0.3 --mask mask.png $steps
"$bin/python" "$here/make.py" edit
"$bin/photodrag" session render my.session -o now.png --device cpu --quiet
"$bin/photodrag" session edit my.session --drag 'brow_left_middle->+0%,-5%' --mask mouth+eyes $steps
"$bin/photodrag" session undo my.session
# It names its generator by a whole path; here that is the one beside it.
sed -i "s|\"checkpoint\": \"$PWD/|\"checkpoint\": \"|" my.session/session.json
"$bin/python" "$here/make.py" pack

# a batch of which one photo was missing
"$bin/photodrag" batch batch.json photo.png later.png -o batch --device cpu --no-cache --quiet || true
rm -r edited.png mask.png my.session/.lock cache/inversions/.lock
