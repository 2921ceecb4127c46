using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>Scores single rows, for PredictionEngine. A row is scored once, when its first output is requested.</summary>
internal sealed class ScoringRowMapper(RecurrentTransformer transformer, DataViewSchema schema) : IRowMapper, ISaveAsOnnx
{
    private readonly ScoringMapping _mapping = new(transformer, schema);

    DataViewSchema.DetachedColumn[] IRowMapper.GetOutputColumns() => _mapping.Added;

    Func<int, bool> IRowMapper.GetDependencies(Func<int, bool> activeOutput)
    {
        var scores = Enumerable.Range(0, _mapping.Added.Length).Any(activeOutput);
        return column => scores && _mapping.IsInput(column);
    }

    Delegate[] IRowMapper.CreateGetters(DataViewRow input, Func<int, bool> activeOutput, out Action? disposer)
    {
        var getters = new Delegate[_mapping.Added.Length];
        disposer = null;
        if (!Enumerable.Range(0, getters.Length).Any(activeOutput)) return getters;
        var row = new SingleRow(transformer, input);
        for (var i = 0; i < getters.Length; i++)
        {
            if (activeOutput(i)) getters[i] = OutputGetters.Create(row.Scored.Manifest.AddedColumns[i], i, _mapping.Added[i].Type, row);
        }
        disposer = row.Scored.Dispose;
        return getters;
    }

    ITransformer IRowMapper.GetTransformer() => transformer;

    void ICanSaveModel.Save(ModelSaveContext context) => ((ICanSaveModel)transformer).Save(context);

    bool ICanSaveOnnx.CanSaveOnnx(OnnxContext context) => true;

    void ISaveAsOnnx.SaveAsOnnx(OnnxContext context) => transformer.SaveAsOnnx(context, _mapping);

    /// <summary>The row being scored. The session is leased for the run only, since getters are not notified when their engine is disposed.</summary>
    private sealed class SingleRow(RecurrentTransformer transformer, DataViewRow row) : ICurrentExample
    {
        private readonly IExampleCollector _collector = transformer.Task.CreateCollector(transformer.Model.Manifest,
            row is DataViewRowCursor ? row : new GivenRow(row), data: null);
        private long? _position;
        private int _example;

        public ScoringBatch Scored { get; } = new(transformer.Model.Manifest, 1);

        public int Example
        {
            get
            {
                if (_position == row.Position) return _example;
                _position = null;
                Scored.Clear();
                _example = -1;
                if (_collector.Collect(Scored))
                {
                    try
                    {
                        transformer.Score(Scored);
                    }
                    catch (OnnxRuntimeException error) when (Scored.Manifest.IsForeignGraph)
                    {
                        throw transformer.Refused("The given row", "row", error);
                    }
                    _example = 0;
                }
                _position = row.Position;
                return _example;
            }
        }
    }
}
