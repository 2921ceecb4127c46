"""The PyTorch side of the translation benchmark: the recipe of TranslationCommand.cs, written with fused layers.

usage: pytorch_translation.py FOLDER [--seed 1] [--epochs 8] [--threads 2] [--out FOLDER]
       [--steps N]   time N training steps and stop

FOLDER has train.tsv, valid.tsv and test.tsv: source, tab, target. A token is a run of letters and digits or one symbol, in lower case; words seen once are
unknown. The network: embeddings of 256, a bidirectional LSTM of 128 in each direction, an LSTM of 256 that starts from its last states, attention of the form
General over all steps at once (Luong et al. 2015), tanh, output layer. Dropout 0.3, label smoothing 0.1, Adam 1e-3, gradients clipped to a norm of 1, batches
of 64 sentences of similar lengths. --out receives greedy.txt and beam.txt, the translations of the test part.

Each line written is a JSON object.
"""
import argparse
import collections
import json
import math
import os
import random
import re
import resource
import time

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

PAD, UNKNOWN, START, END = range(4)
SIZE, BATCH, BEAM = 256, 64, 5
TOKEN = re.compile(r"\w+|[^\w\s]")


def read(folder, part):
    with open(os.path.join(folder, part + ".tsv"), encoding="utf-8") as lines:
        return [tuple(TOKEN.findall(text) for text in line.lower().rstrip("\n").split("\t")) for line in lines]


def vocabulary(texts):
    counts = collections.Counter(token for text in texts for token in text)
    return ["<pad>", "<unk>", "<s>", "</s>"] + [token for token, count in counts.items() if count > 1]


def encode(texts, words):
    ids = {word: i for i, word in enumerate(words)}
    return [torch.tensor([ids.get(token, UNKNOWN) for token in text]) for text in texts]


class Translator(nn.Module):
    def __init__(self, source, target):
        super().__init__()
        self.source, self.target = nn.Embedding(source, SIZE, padding_idx=PAD), nn.Embedding(target, SIZE, padding_idx=PAD)
        self.encoder = nn.LSTM(SIZE, SIZE // 2, batch_first=True, bidirectional=True)
        self.decoder = nn.LSTM(SIZE, SIZE, batch_first=True)
        self.bridge_h, self.bridge_c = nn.Linear(SIZE, SIZE), nn.Linear(SIZE, SIZE)
        self.attention = nn.Linear(SIZE, SIZE, bias=False)
        self.combine, self.head = nn.Linear(2 * SIZE, SIZE), nn.Linear(SIZE, target)
        self.dropout = nn.Dropout(0.3)

    def encode(self, sources):
        """Sources are ordered by descending length. Returns the states, their keys, the mask of padding and the first state of the decoder."""
        lengths = torch.tensor([len(source) for source in sources])
        steps = self.dropout(self.source(pad_sequence(sources, batch_first=True)))
        packed, (h, c) = self.encoder(pack_padded_sequence(steps, lengths, batch_first=True))
        states = self.dropout(pad_packed_sequence(packed, batch_first=True)[0])
        mask = torch.arange(states.shape[1])[None] >= lengths[:, None]
        h, c = h.transpose(0, 1).reshape(len(sources), -1), c.transpose(0, 1).reshape(len(sources), -1)
        return states, self.attention(states), mask, (torch.tanh(self.bridge_h(h))[None], self.bridge_c(c)[None])

    def decode(self, tokens, states, keys, mask, state):
        y, state = self.decoder(self.dropout(self.target(tokens)), state)
        y = self.dropout(y)
        scores = torch.bmm(y, keys.transpose(1, 2)).masked_fill_(mask[:, None], -math.inf)
        context = torch.bmm(scores.softmax(-1), states)
        return torch.tanh(self.combine(torch.cat([y, context], -1))), state


def batches(pairs, shuffled):
    """Sentences of similar lengths together, so that there is little padding."""
    order = list(range(len(pairs)))
    if shuffled:
        random.shuffle(order)
    order.sort(key=lambda i: (len(pairs[i][0]), len(pairs[i][1])))
    groups = [order[i:i + BATCH] for i in range(0, len(order), BATCH)]
    if shuffled:
        random.shuffle(groups)
    for group in groups:
        yield sorted((pairs[i] for i in group), key=lambda pair: -len(pair[0]))


def loss(model, batch, smoothing, reduction):
    target = pad_sequence([pair[1] for pair in batch], batch_first=True)
    y, _ = model.decode(target[:, :-1], *model.encode([pair[0] for pair in batch]))
    wanted = target[:, 1:]
    known = wanted != PAD
    return nn.functional.cross_entropy(model.head(y[known]), wanted[known], label_smoothing=smoothing, reduction=reduction), int(known.sum())


@torch.inference_mode()
def evaluate(model, pairs):
    model.eval()
    total = count = 0
    for batch in batches(pairs, False):
        value, tokens = loss(model, batch, 0, "sum")
        total, count = total + value.item(), count + tokens
    model.train()
    return total / count


@torch.inference_mode()
def search(model, sources, beam, exponent):
    """Beam search of a batch. A text's score is its log-probability divided by its length to the power of the exponent; unknown words are not written."""
    states, keys, mask, (h, c) = model.encode(sources)
    rows, vocabulary = len(sources), model.head.out_features
    limits = torch.tensor([2 * len(source) + 10 for source in sources])
    states, keys, mask = (x.repeat_interleave(beam, 0) for x in (states, keys, mask))
    h, c = h.repeat_interleave(beam, 1), c.repeat_interleave(beam, 1)
    tokens = torch.full((rows * beam, 1), START)
    sums = torch.full((rows, beam), -math.inf)
    sums[:, 0] = 0
    texts = torch.zeros(rows, beam, 0, dtype=torch.long)
    best, scores = [[] for _ in sources], torch.full((rows,), -math.inf)
    ended, live = torch.zeros(rows, dtype=torch.long), torch.arange(rows)
    for step in range(int(limits.max())):
        y, (h, c) = model.decode(tokens, states, keys, mask, (h, c))
        logs = model.head(y[:, 0]).log_softmax(-1)
        logs[:, [PAD, UNKNOWN, START]] = -math.inf
        # As many continuations again as there may be ends among them.
        top, places = (sums[:, :, None] + logs.view(len(live), beam, -1)).view(len(live), -1).topk(min(2 * beam, beam * (vocabulary - 3)))
        parents, words = torch.div(places, vocabulary, rounding_mode="floor"), places % vocabulary
        ends = words == END
        for i, j in ends[:, :beam].nonzero().tolist():
            row, score = int(live[i]), float(top[i, j]) / (step + 1) ** exponent
            ended[row] += 1
            if score > scores[row]:
                scores[row], best[row] = score, texts[i, parents[i, j]].tolist()
        kept = top.masked_fill(ends, -math.inf).topk(beam)
        sums, parents, words = kept.values, parents.gather(1, kept.indices), words.gather(1, kept.indices)
        texts = torch.cat([texts.gather(1, parents[:, :, None].expand(-1, -1, step)), words[:, :, None]], -1)
        cut = (step + 1 >= limits[live]) & (ended[live] == 0)
        for i in cut.nonzero()[:, 0].tolist():
            best[live[i]] = texts[i, 0].tolist()
        going = (ended[live] < beam) & (step + 1 < limits[live])
        if not going.any():
            break
        index = going.nonzero()[:, 0]
        flat = (index[:, None] * beam + parents[index]).view(-1)
        if len(index) < len(live):
            same = (index[:, None] * beam + torch.arange(beam)).view(-1)
            states, keys, mask = states[same], keys[same], mask[same]
        h, c, tokens, sums, texts, live = h[:, flat], c[:, flat], words[index].view(-1, 1), sums[index], texts[index], live[index]
    return best


def translate(model, sources, beam, exponent=1.0):
    model.eval()
    # Sentences of similar lengths together, and back into their order.
    order = sorted(range(len(sources)), key=lambda i: -len(sources[i]))
    texts = [[]] * len(sources)
    for i in range(0, len(order), BATCH):
        rows = order[i:i + BATCH]
        for row, text in zip(rows, search(model, [sources[row] for row in rows], beam, exponent)):
            texts[row] = text
    model.train()
    return texts


def bleu(translations, references):
    """Corpus BLEU of up to 4 tokens (Papineni et al. 2002)."""
    matches, totals, length, wanted = [0] * 4, [0] * 4, 0, 0
    for text, reference in zip(translations, references):
        length, wanted = length + len(text), wanted + len(reference)
        for n in range(1, 5):
            a, b = (collections.Counter(tuple(words[i:i + n]) for i in range(len(words) - n + 1)) for words in (text, reference))
            matches[n - 1] += sum((a & b).values())
            totals[n - 1] += max(len(text) - n + 1, 0)
    if min(matches) == 0:
        return 0.0
    return 100 * math.exp(sum(math.log(m / t) for m, t in zip(matches, totals)) / 4 + min(0, 1 - wanted / length))


def say(**values):
    print(json.dumps(values), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--out")
    args = parser.parse_args()
    torch.mm(torch.ones(64, 64), torch.ones(64, 64))
    if not any(name in open("/proc/self/maps").read() for name in ("openblas", "mkl", "blis")):
        raise SystemExit("This PyTorch runs on the reference BLAS: install libopenblas0-pthread.")
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    random.seed(args.seed)
    parts = {part: read(args.folder, part) for part in ("train", "valid", "test")}
    sources, targets = (vocabulary([pair[i] for pair in parts["train"]]) for i in (0, 1))
    ids = {part: list(zip(encode([s for s, _ in texts], sources),
                          (torch.cat([torch.tensor([START]), t, torch.tensor([END])]) for t in encode([t for _, t in texts], targets))))
           for part, texts in parts.items()}
    model = Translator(len(sources), len(targets))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    say(peer=f"PyTorch {torch.__version__}", parameters=sum(p.numel() for p in model.parameters()), sourceWords=len(sources) - 4, targetWords=len(targets) - 4)
    seconds, steps = 0.0, 0
    for epoch in range(1, args.epochs + 1):
        start, total, count = time.perf_counter(), 0.0, 0
        for batch in batches(ids["train"], True):
            optimizer.zero_grad(set_to_none=True)
            value, tokens = loss(model, batch, 0.1, "mean")
            value.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            total, count, steps = total + value.item() * tokens, count + tokens, steps + 1
            if steps == args.steps:
                return say(steps=steps, seconds=time.perf_counter() - start, tokens=count)
        seconds += time.perf_counter() - start
        say(epoch=epoch, train=total / count, valid=evaluate(model, ids["valid"]), seconds=seconds)
    test = [source for source, _ in ids["test"]]
    for name, beam in (("greedy", 1), ("beam", BEAM)):
        start = time.perf_counter()
        texts = [[targets[token] for token in text] for text in translate(model, test, beam)]
        took = time.perf_counter() - start
        say(search=name, beam=beam, bleu=bleu(texts, [target for _, target in parts["test"]]), sentencesPerSecond=len(test) / took)
        if args.out:
            with open(os.path.join(args.out, name + ".txt"), "w", encoding="utf-8") as file:
                file.writelines(" ".join(text) + "\n" for text in texts)
    say(trainingSeconds=seconds, peakMiB=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main()
