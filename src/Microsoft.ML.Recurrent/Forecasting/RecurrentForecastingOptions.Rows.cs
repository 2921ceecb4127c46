namespace Microsoft.ML.Recurrent;

public sealed partial class RecurrentForecastingEstimator
{
    /// <content>Rows: what is missing, and how many are held.</content>
    public sealed partial class Options
    {
        /// <summary>
        /// What is done with numbers that are missing (NaN), in rows that are series and in rows that hold windows. Default: they are masked where the training
        /// rows lack some.
        /// </summary>
        public MissingValueHandling MissingValues { get; set; } = MissingValueHandling.Auto;

        /// <summary>
        /// Whether times at which a series has no row, though its frequency asks for one, are filled in as rows whose numbers are missing, in training and in
        /// scoring alike: a window then always spans the same time. It needs a time column of DateTime or DateTimeOffset. Default: false, rows follow each
        /// other whatever lies between them.
        /// </summary>
        public bool FillTimeGaps { get; set; }

        /// <summary>
        /// Rows of a series after which it is forecast, from 1 to <see cref="WindowSize"/>: where there are fewer than a window, what lies before the first
        /// counts as missing, in training too (cold series). Default: null, a whole window.
        /// </summary>
        public int? MinimumHistory { get; set; }

        /// <summary>Whether options ask for masks even if the training rows lack nothing.</summary>
        internal bool AsksForMasks => MissingValues is MissingValueHandling.Mask || MinimumHistory < WindowSize;

        /// <summary>
        /// For rows that are series and do not fit in memory: about how many rows are held at once (of a series at least all). Rows are then read anew in every
        /// epoch, and have to be sorted by series; windows are shuffled among those of the series that are held together. At least 1,000. Default: null, all
        /// rows are read once and held.
        /// </summary>
        public int? MaximumRowsInMemory { get; set; }

        private void CheckMissing()
        {
            // Windows are whole, and hold no times.
            if (RowsHoldWindows && (MaximumRowsInMemory is not null || MinimumHistory is not null || FillTimeGaps))
            {
                var name = MaximumRowsInMemory is not null ? nameof(MaximumRowsInMemory) : FillTimeGaps ? nameof(FillTimeGaps) : nameof(MinimumHistory);
                throw new ArgumentException($"The option {name} is for rows that are series: leave it out, or LabelColumnName.", name);
            }
            if (MaximumRowsInMemory is { } most)
            {
                if (most < 1000) throw OutOfRange(nameof(MaximumRowsInMemory), most, "must be at least 1,000");
                if (SeriesKey().Length == 0)
                    throw new ArgumentException("The option MaximumRowsInMemory reads some series at a time: name their column in SeriesColumnName.",
                        nameof(MaximumRowsInMemory));
            }
            Defined(MissingValues);
            if (MinimumHistory is { } least && (least < 1 || least > WindowSize))
                throw OutOfRange(nameof(MinimumHistory), least, $"must lie from 1 to the option WindowSize, {WindowSize}");
            if (MissingValues is MissingValueHandling.Refuse && MinimumHistory < WindowSize)
                throw new ArgumentException(
                    "The option MinimumHistory counts the rows before a series' first as missing, which MissingValues = Refuse does not allow.",
                    nameof(MinimumHistory));
            if (MissingValues is MissingValueHandling.Refuse && FillTimeGaps)
                throw new ArgumentException("The option FillTimeGaps fills in rows whose numbers are missing, which MissingValues = Refuse does not allow.",
                    nameof(FillTimeGaps));
            if (FillTimeGaps && TimeColumnName is null)
                throw new ArgumentException("The option FillTimeGaps needs a time column: name it in TimeColumnName.", nameof(FillTimeGaps));
        }
    }
}
