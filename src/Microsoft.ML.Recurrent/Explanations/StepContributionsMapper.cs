using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;

namespace Microsoft.ML.Recurrent.Explanations;

/// <summary>The explanations of rows of a schema.</summary>
internal sealed class StepContributionsMapper : IRowMapper, ISaveAsOnnx
{
    private readonly StepContributionsTransformer _transformer;
    private readonly HashSet<int> _inputs;

    /// <exception cref="ArgumentOutOfRangeException">An input column of the model is missing or of another type.</exception>
    public StepContributionsMapper(StepContributionsTransformer transformer, DataViewSchema schema) => (_transformer, _inputs) = (transformer,
        [.. RecurrentTask.Find(transformer.Model.Manifest).FindColumns(transformer.Model.Manifest, schema).Select(column => column.Index)]);

    DataViewSchema.DetachedColumn[] IRowMapper.GetOutputColumns() =>
        [.. _transformer.Columns().Select(column => new DataViewSchema.DetachedColumn(column.Name, column.Type))];

    Func<int, bool> IRowMapper.GetDependencies(Func<int, bool> activeOutput)
    {
        var active = Enumerable.Range(0, _transformer.Columns().Count()).Any(activeOutput);
        return column => active && _inputs.Contains(column);
    }

    Delegate[] IRowMapper.CreateGetters(DataViewRow input, Func<int, bool> activeOutput, out Action? disposer)
    {
        var columns = _transformer.Columns().ToArray();
        var getters = new Delegate[columns.Length];
        disposer = null;
        if (!Enumerable.Range(0, getters.Length).Any(activeOutput)) return getters;
        var row = new ExplainedRow(_transformer, input);
        for (var i = 0; i < getters.Length; i++)
        {
            if (!activeOutput(i)) continue;
            getters[i] = columns[i].Name == _transformer.OutputColumnName ? (ValueGetter<VBuffer<float>>)row.Contributions
                : columns[i].Name == _transformer.Options.ScoreColumnName ? (ValueGetter<float>)row.Score : (ValueGetter<float>)row.BaselineScore;
        }
        disposer = row.Dispose;
        return getters;
    }

    ITransformer IRowMapper.GetTransformer() => _transformer;

    void ICanSaveModel.Save(ModelSaveContext context) => ((ICanSaveModel)_transformer).Save(context);

    bool ICanSaveOnnx.CanSaveOnnx(OnnxContext context) => true;

    // Gradients have no place in a graph: as with ML.NET's own steps, what cannot be written takes the columns after it out.
    void ISaveAsOnnx.SaveAsOnnx(OnnxContext context)
    {
        foreach (var column in _transformer.Columns()) context.RemoveColumn(column.Name, true);
    }

    /// <summary>Explains a row once, when its first column is read.</summary>
    private sealed class ExplainedRow(StepContributionsTransformer transformer, DataViewRow row) : IDisposable
    {
        private readonly IExampleCollector _collector = RecurrentTask.Find(transformer.Model.Manifest).CreateCollector(transformer.Model.Manifest,
            row is DataViewRowCursor ? row : new GivenRow(row), data: null);
        private readonly ScoringBatch _batch = new(transformer.Model.Manifest, 1);
        private readonly StepExplainer _explainer = new(transformer.Explained);
        private long? _position;
        private bool _hasSteps;

        public void Contributions(ref VBuffer<float> value)
        {
            Explain();
            var (found, time) = (_explainer.Contributions, _hasSteps ? _batch.Time(0) : 0);
            var width = time == 0 ? 0 : found.Length / time;
            var each = transformer.Options.PerFeature;
            var editor = VBufferEditor.Create(ref value, each ? time * width : time);
            for (var t = 0; t < time; t++)
            {
                if (each) found.AsSpan(t * width, width).CopyTo(editor.Values[(t * width)..]);
                else
                {
                    var sum = 0.0;
                    foreach (var one in found.AsSpan(t * width, width)) sum += one;
                    editor.Values[t] = (float)sum;
                }
            }
            value = editor.Commit();
        }

        public void Score(ref float value)
        {
            Explain();
            value = _hasSteps ? _explainer.Score : float.NaN;
        }

        public void BaselineScore(ref float value)
        {
            Explain();
            value = _hasSteps ? _explainer.BaselineScore : float.NaN;
        }

        public void Dispose()
        {
            _batch.Dispose();
            _explainer.Dispose();
        }

        private void Explain()
        {
            if (_position == row.Position) return;
            _batch.Clear();
            _hasSteps = _collector.Collect(_batch);
            if (_hasSteps) _explainer.Explain(_batch);
            _position = row.Position;
        }
    }
}
